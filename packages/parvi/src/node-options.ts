// The options of a whole node as configuration: what a file, the environment and flags may set. Applications extend
// this schema with sections of their own.

import { z } from 'zod';
import { bootstrapOptionsOf, bootstrapSection, discoverySection } from './bootstrap-section.ts';
import type { ClusterOptions } from './cluster/index.ts';
import { configOf, deploymentNames, duration, port } from './config/index.ts';
import type { DiscoveryOptions } from './discovery/index.ts';
import type { KubernetesOptions } from './kubernetes/index.ts';
import { managementOptionsOf, managementSection } from './management-section.ts';
import { logOptions } from './observe/index.ts';
import {
  cipherSuites,
  plainTransport,
  type RemotingOptions,
  type TlsOptions,
  tlsProtocols,
} from './remote/index.ts';
import { given, type StartOptions } from './start-options.ts';
import { telemetryOptionsOf, telemetrySection } from './telemetry-section.ts';

const names = (list: readonly string[]): { readonly names: string[] } => ({ names: [...list] });
const durationOrOff = () => z.union([z.literal('off'), duration()]);

const tlsSection = z
  .object({
    keyFile: z
      .string()
      .optional()
      .describe('File of the private key of this node, PEM, not encrypted'),
    certFile: z
      .string()
      .optional()
      .describe('File of its certificate, PEM, followed by those up to the authority'),
    caFile: z
      .string()
      .optional()
      .describe(
        'File of the certificates of the authorities that may vouch for peers, PEM; no others are trusted',
      ),
    requireMutualAuthentication: z
      .boolean()
      .default(true)
      .describe('Whether who connects to this node must show a certificate too'),
    hostnameVerification: z
      .boolean()
      .default(true)
      .describe(
        'Whether the certificate of a peer must name the host by which it is dialled; Pekko does not ask that by default',
      ),
    protocols: z
      .array(z.enum(tlsProtocols))
      .min(1)
      .default([...tlsProtocols])
      .describe('Versions of TLS that are spoken; Pekko before 1.2.0 speaks TLSv1.2 only'),
    ciphers: z
      .array(z.string().min(1))
      .min(1)
      .default([...cipherSuites])
      .describe('Cipher suites by their OpenSSL names; all of the default have forward secrecy'),
    reloadInterval: duration({ minMs: 1 })
      .default(60_000)
      .describe('How often the three files are read again; a change holds for new connections'),
  })
  .describe('Keys and certificates for the transport tls-tcp, and what is asked of peers');

const tlsFileNames = ['keyFile', 'certFile', 'caFile'] as const;

const remoteFields = z.object({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Host under which other nodes reach this one; all nodes must spell it alike')
    .meta(names(deploymentNames.host)),
  port: port({ free: true })
    .default(25520)
    .describe('Port under which other nodes reach this one; 0 takes any free one')
    .meta(names(deploymentNames.port)),
  bindHost: z
    .string()
    .optional()
    .describe('Address to listen on when it is another than host, as in containers'),
  bindPort: port({ free: true })
    .optional()
    .describe('Port to listen on when it is another than port'),
  transport: z
    .enum(['tcp', 'tls-tcp'])
    .default('tcp')
    .describe('Plain or encrypted and authenticated by TLS; the same on all nodes of a cluster'),
  tls: tlsSection.prefault({}),
  frameBytesMax: z
    .int()
    .min(32_768)
    .default(262_144)
    .describe(
      'Longest ordinary message sent, in bytes with its envelope; longer ones become dead letters',
    ),
  largeFrameBytesMax: z
    .int()
    .min(32_768)
    .default(2_097_152)
    .describe('Longest message of the large stream, in bytes with its envelope'),
  outboundMessagesMax: z
    .int()
    .min(1)
    .default(65_536)
    .describe(
      'Messages that may wait for one peer; more memory when raised, dead letters when full',
    ),
});

/** Who names files for TLS wants no traffic in the clear. Told beside whatever else is wrong. */
const remoteSection = remoteFields.superRefine(
  ({ transport, tls }, context) => {
    const name = tlsFileNames.find((one) => (tls?.[one] ?? '') !== '');
    if (transport !== 'tcp' || name === undefined) return;
    context.addIssue({ code: 'custom', path: ['tls', name], message: plainTransport });
  },
  { when: () => true },
);

const leaseSection = z
  .object({
    name: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Name of the lease, the same on all nodes; default <system>-pekko-sbr, as in Pekko',
      ),
    heartbeatTimeout: duration({ minMs: 1 })
      .default(120_000)
      .describe('How long after its last sign of life a holder has lost it, less two intervals'),
    heartbeatInterval: duration({ minMs: 1 })
      .optional()
      .describe('How often the holder gives one; default a tenth of the timeout, at least 5 s'),
    operationTimeout: duration({ minMs: 1 })
      .default(5000)
      .describe('How long asking for it may take; a side that has not got it by then ends itself'),
    acquireDelayForMinority: duration()
      .default(2000)
      .describe('How much later the smaller side asks, so that the larger one gets it if it can'),
    releaseAfter: duration()
      .default(40_000)
      .describe('How long it is kept after the other side was removed'),
  })
  .describe('The lease of lease-majority, kept by Kubernetes (see the section kubernetes)');

const splitBrainSection = z.object({
  strategy: z
    .enum(['keep-majority', 'keep-oldest', 'static-quorum', 'down-all', 'lease-majority', 'off'])
    .default('keep-majority')
    .describe('Which side of a partition survives; off leaves unreachable nodes to an operator'),
  stableAfter: duration()
    .default(20_000)
    .describe(
      'How long a partition must be stable before a side is downed; shorter reacts faster and errs more',
    ),
  downAllWhenUnstable: durationOrOff()
    .optional()
    .describe(
      'How long an unstable cluster may last before all nodes are downed; default three quarters of stableAfter',
    ),
  role: z.string().optional().describe('Count only members with this role'),
  quorumSize: z
    .int()
    .min(1)
    .optional()
    .describe('Members that a surviving side needs with static-quorum'),
  downIfAlone: z
    .boolean()
    .default(true)
    .describe('With keep-oldest: down the oldest when it is alone'),
  lease: leaseSection.prefault({}),
});

const failureDetectorSection = z.object({
  heartbeatInterval: duration({ minMs: 1 })
    .default(1000)
    .describe('How often members send heartbeats'),
  threshold: z
    .number()
    .positive()
    .default(8)
    .describe(
      'Suspicion (phi) at which a member counts as unreachable; lower is faster and errs more',
    ),
  acceptableHeartbeatPause: duration()
    .default(3000)
    .describe('Silence that is forgiven, such as a long garbage collection'),
  monitoredByMembers: z.int().min(1).default(9).describe('How many members watch over each member'),
});

const clusterSection = z.object({
  seedNodes: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Addresses to ask for a cluster: pekko://System@host:port, host:port or host; the first may form one',
    )
    .meta(names(deploymentNames.seedNodes)),
  seedPort: port()
    .default(25520)
    .describe('Port of seed nodes that name none')
    .meta(names(deploymentNames.seedPort)),
  seedNodeTimeout: duration({ minMs: 1 })
    .default(5000)
    .describe(
      'How long the first seed node asks the others before it forms a cluster alone; longer where names are slow to lead to new addresses',
    ),
  roles: z
    .array(z.string().min(1))
    .default([])
    .describe('Names this node goes by, such as ctrl or valeng')
    .meta(names(deploymentNames.roles)),
  dataCenter: z.string().default('default').describe('Data center of this node'),
  appVersion: z
    .string()
    .default('0.0.0')
    .describe('Version of the application, told to all members'),
  membersMin: z.int().min(1).default(1).describe('Members needed before any of them becomes Up'),
  shutdownAfterUnsuccessfulJoin: durationOrOff()
    .default('off')
    .describe('Give up and end the process when no cluster could be joined for so long'),
  enforceJoinConfig: z
    .boolean()
    .default(true)
    .describe('Stay out of a cluster whose settings contradict those of this node; off only warns'),
  splitBrain: splitBrainSection,
  failureDetector: failureDetectorSection,
});

const kubernetesSection = z
  .object({
    apiServer: z
      .url({ protocol: /^https?$/, error: 'must be a URL such as "https://10.96.0.1:443"' })
      .optional()
      .describe('URL of the API server; default that which Kubernetes names to every pod'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File of the authorities that vouch for it, PEM; default that of the service account',
      ),
    tokenFile: z
      .string()
      .min(1)
      .optional()
      .describe('File of the token, read for each request; default that of the service account'),
    namespace: z
      .string()
      .min(1)
      .optional()
      .describe('Namespace of this node; default that of the service account')
      .meta(names(['POD_NAMESPACE', 'KUBERNETES_NAMESPACE'])),
    podName: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the pod of this node')
      .meta(names(['POD_NAME', 'KUBERNETES_POD_NAME'])),
    requestTimeout: duration({ minMs: 1 })
      .default(2000)
      .describe('How long the API server may take for an answer'),
    podDeletionCost: z
      .boolean()
      .default(false)
      .describe(
        'Have Kubernetes remove pods of young members first; needs the verb patch for pods',
      ),
    podDeletionCostMembers: z
      .int()
      .min(0)
      .default(3)
      .describe('How many of the oldest members are spared'),
    appVersionFromRevision: z
      .boolean()
      .default(false)
      .describe(
        'Use the revision of the Deployment as cluster.appVersion; needs the verb get for pods and replicasets',
      ),
  })
  .describe('What a node takes from the Kubernetes that it runs in');

/** Options of a node: its system's name, remoting, cluster, Kubernetes, management, bootstrap, and log. */
export const nodeSchema = z.object({
  system: z
    .object({
      name: z
        .string()
        .default('parvi')
        .describe('Name of the actor system; the same on all nodes of a cluster')
        .meta(names(deploymentNames.system)),
    })
    .describe('The actor system'),
  remote: remoteSection,
  cluster: clusterSection,
  kubernetes: kubernetesSection,
  management: managementSection,
  telemetry: telemetrySection,
  bootstrap: bootstrapSection,
  discovery: discoverySection,
  log: logOptions,
});

export type NodeConfig = z.output<typeof nodeSchema>;

/** Options of remoting from a node's configuration. */
export function remotingOptionsOf(config: NodeConfig): RemotingOptions {
  const { host, port: ownPort, bindHost, bindPort, transport, tls, ...limits } = config.remote;
  return {
    host,
    port: ownPort,
    ...(bindHost === undefined ? {} : { bindHost }),
    ...(bindPort === undefined ? {} : { bindPort }),
    transport,
    ...(transport === 'tcp' && !namesFiles(tls) ? {} : { tls: tlsOptionsOf(tls) }),
    limits,
  };
}

const namesFiles = (tls: NodeConfig['remote']['tls']): boolean =>
  tlsFileNames.some((name) => (tls[name] ?? '') !== '');

/** Files that are not set are refused where they are needed, with the name of the option. */
function tlsOptionsOf({
  keyFile = '',
  certFile = '',
  caFile = '',
  reloadInterval,
  ...rest
}: NodeConfig['remote']['tls']): TlsOptions {
  return { ...rest, keyFile, certFile, caFile, reloadIntervalMs: reloadInterval };
}

/** Options of the cluster from a node's configuration. Seeds without a port get `seedPort`. */
export function clusterOptionsOf(config: NodeConfig): ClusterOptions {
  const { seedPort, seedNodes, splitBrain, ...rest } = config.cluster;
  const { strategy, downAllWhenUnstable, role, quorumSize, lease, ...others } = splitBrain;
  return {
    ...rest,
    seedNodes: seedNodes.map((seed) => withPort(seed, seedPort)),
    splitBrain:
      strategy === 'off'
        ? 'off'
        : {
            ...others,
            strategy,
            ...(downAllWhenUnstable === undefined ? {} : { downAllWhenUnstable }),
            ...(role === undefined ? {} : { role }),
            ...(quorumSize === undefined ? {} : { quorumSize }),
            ...(strategy === 'lease-majority'
              ? {
                  acquireLeaseDelayForMinority: lease.acquireDelayForMinority,
                  releaseLeaseAfter: lease.releaseAfter,
                }
              : {}),
          },
  };
}

/** What is asked of Kubernetes from a node's configuration. The lease is its own with `lease-majority` only. */
export function kubernetesOptionsOf(config: NodeConfig): KubernetesOptions {
  const { strategy, lease } = config.cluster.splitBrain;
  const { acquireDelayForMinority: _, releaseAfter: __, ...ofLease } = lease;
  return given({
    ...config.kubernetes,
    lease: strategy === 'lease-majority' ? given(ofLease) : undefined,
  });
}

/**
 * All options of a node from its configuration, for `ActorSystem.start`. Management, where it is enabled, shows the
 * configuration if these are the values that were loaded, and no copy.
 */
export function startOptionsOf(
  config: NodeConfig,
): StartOptions & { readonly discovery?: DiscoveryOptions } {
  const management = managementOptionsOf(config);
  const shown = given({ config: configOf(config) });
  return {
    name: config.system.name,
    remote: remotingOptionsOf(config),
    cluster: clusterOptionsOf(config),
    kubernetes: kubernetesOptionsOf(config),
    ...(management === undefined ? {} : { management: { ...management, ...shown } }),
    ...given({ telemetry: telemetryOptionsOf(config) }),
    ...bootstrapOptionsOf(config),
    log: config.log,
  };
}

/** A port follows the host, or the closing bracket of an IPv6 address. */
function withPort(seed: string, seedPort: number): string {
  return /(\]|^[^:]*|@[^:]*):\d+$/.test(seed) ? seed : `${seed}:${seedPort}`;
}
