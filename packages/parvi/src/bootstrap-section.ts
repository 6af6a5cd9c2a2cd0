// The configuration of bootstrap and discovery: their sections in the options of a node, and the options they make.

import { z } from 'zod';
import type { BootstrapOptions } from './bootstrap/index.ts';
import { duration, port } from './config/index.ts';
import type { DiscoveryOptions } from './discovery/index.ts';
import { given } from './start-options.ts';

const names = (...list: string[]): { readonly names: string[] } => ({ names: list });
const text = () => z.string().min(1);

const tls = z
  .object({
    caFile: text()
      .optional()
      .describe(
        'File of the authorities that vouch for contact points, PEM; default those of the machine',
      ),
    keyFile: text()
      .optional()
      .describe('File of the private key, PEM, where contact points ask for a certificate'),
    certFile: text().optional().describe('File of the certificate, PEM'),
    minVersion: z
      .enum(['TLSv1.2', 'TLSv1.3'])
      .default('TLSv1.2')
      .describe('Oldest version of TLS that is spoken'),
  })
  .describe('TLS of the questions to contact points, when management serves HTTPS');

export const bootstrapSection = z
  .object({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Find or form the cluster without seed nodes; needs management.enabled, and cluster.seedNodes unset',
      ),
    newClusterEnabled: z
      .boolean()
      .default(true)
      .describe('Whether a cluster may be formed; off once there is one, it stops a second one'),
    requiredContactPointNr: z
      .int()
      .min(1)
      .default(2)
      .describe(
        'Contact points that must answer before a cluster is formed: the number of nodes that start together',
      )
      .meta(names('REQUIRED_CONTACT_POINT_NR')),
    contactWithAllContactPoints: z
      .boolean()
      .default(true)
      .describe('Whether all that were found must answer, too'),
    formAlone: z
      .boolean()
      .default(false)
      .describe('Let a node that finds itself alone form a cluster; for one node on a laptop'),
    serviceName: text()
      .optional()
      .describe('What discovery looks for; default the name of the system in lower case')
      .meta(names('PEKKO_CLUSTER_BOOTSTRAP_SERVICE_NAME')),
    serviceNamespace: text()
      .optional()
      .describe('Follows the service name after a dot, such as default.svc.cluster.local'),
    portName: text()
      .optional()
      .describe('Name of the port of management, where discovery knows ports by name')
      .meta(names('PEKKO_CLUSTER_BOOTSTRAP_PORT_NAME')),
    protocol: z
      .string()
      .default('tcp')
      .describe('With a port name, DNS is asked for services of that protocol'),
    fallbackPort: port()
      .optional()
      .describe('Port of contact points that are found without one; default management.port'),
    filterOnFallbackPort: z
      .boolean()
      .default(true)
      .describe('Of several ports of one host take only that; off for several nodes on one host'),
    stableMargin: duration()
      .default(5000)
      .describe('How long the set of contact points must stay the same before a cluster is formed'),
    interval: duration({ minMs: 1 }).default(1000).describe('Time between lookups'),
    exponentialBackoffRandomFactor: z
      .number()
      .min(0)
      .default(0.2)
      .describe('Share by which that time is spread'),
    exponentialBackoffMax: duration({ minMs: 1 })
      .default(15_000)
      .describe('Longest time between lookups while they fail'),
    resolveTimeout: duration({ minMs: 1 }).default(3000).describe('How long a lookup may take'),
    probeInterval: duration({ minMs: 1 })
      .default(1000)
      .describe('Time between questions to a contact point'),
    probeIntervalJitter: z.number().min(0).default(0.2).describe('Share by which that is spread'),
    probingFailureTimeout: duration({ minMs: 1 })
      .default(3000)
      .describe('How long a contact point may be silent'),
    joinTimeout: duration({ minMs: 1000 })
      .default(15_000)
      .describe('How long members may take to admit this node before it looks again'),
    tls,
  })
  .describe('Finding or forming the cluster without seed nodes, as Pekko Cluster Bootstrap does');

const methods = ['config', 'dns', 'kubernetes-api'] as const;

export const discoverySection = z
  .object({
    method: z
      .enum([...methods, 'aggregate'])
      .default('config')
      .describe('Where nodes are looked for; aggregate tries several in turn'),
    config: z
      .object({
        endpoints: z
          .array(text())
          .default([])
          .describe('Contact points of all nodes, host:port, written alike everywhere'),
      })
      .describe('With the method config'),
    dns: z
      .object({
        servers: z
          .array(text())
          .default([])
          .describe('Name servers, host or host:port; none: those of the machine'),
        searchDomains: z
          .array(text())
          .optional()
          .describe('Domains tried for short names; default those of the machine'),
        ndots: z
          .int()
          .min(0)
          .optional()
          .describe('Names with fewer dots are short; default that of the machine'),
      })
      .describe('With the method dns: SRV records with bootstrap.portName, addresses without'),
    kubernetesApi: z
      .object({
        podLabelSelector: text()
          .default('app=%s')
          .describe('Which pods are nodes; %s stands for the service name'),
        podNamespace: text()
          .optional()
          .describe('Namespace of the pods; default kubernetes.namespace'),
        podDomain: text()
          .default('cluster.local')
          .describe('Domain of the names that pods have by their addresses'),
        useRawIp: z
          .boolean()
          .default(false)
          .describe('Ask pods by their address instead of such a name; needed with IPv6'),
        containerName: text().optional().describe('Only pods in which that container has started'),
      })
      .describe('With the method kubernetes-api; needs the verb list for pods'),
    aggregate: z
      .object({
        methods: z
          .array(z.enum(methods))
          .default([])
          .describe('Methods in the order in which they are tried'),
      })
      .describe('With the method aggregate'),
  })
  .describe('How bootstrap finds other nodes');

interface BootstrapConfig {
  readonly bootstrap: z.output<typeof bootstrapSection>;
  readonly discovery: z.output<typeof discoverySection>;
}

/** Options of bootstrap and discovery from a node's configuration; nothing when bootstrap is not wanted. */
export function bootstrapOptionsOf({ bootstrap, discovery }: BootstrapConfig): {
  readonly bootstrap?: BootstrapOptions;
  readonly discovery?: DiscoveryOptions;
} {
  const { enabled, tls: files, ...options } = bootstrap;
  if (!enabled) return {};
  const { config, dns, kubernetesApi, aggregate, ...rest } = discovery;
  // No methods are no aggregate.
  const turns = aggregate.methods.length === 0 ? {} : { aggregate };
  return {
    bootstrap: { ...given(options), tls: given(files) },
    discovery: { ...rest, ...turns, config, dns: given(dns), kubernetesApi: given(kubernetesApi) },
  };
}
