// The options of a whole node as configuration: what a file, the environment and flags may set. Applications extend
// this schema with sections of their own.

import { z } from 'zod';
import type { ClusterOptions } from './cluster/index.ts';
import { deploymentNames, duration, port } from './config/index.ts';
import { logOptions } from './observe/index.ts';
import type { RemotingOptions } from './remote/index.ts';

const names = (list: readonly string[]): { readonly names: string[] } => ({ names: [...list] });
const durationOrOff = () => z.union([z.literal('off'), duration()]);

const remoteSection = z.object({
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

const splitBrainSection = z.object({
  strategy: z
    .enum(['keep-majority', 'keep-oldest', 'static-quorum', 'down-all', 'off'])
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
});

const failureDetectorSection = z.object({
  heartbeatInterval: duration().default(1000).describe('How often members send heartbeats'),
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
  splitBrain: splitBrainSection,
  failureDetector: failureDetectorSection,
});

/** Options of a node: its system's name, remoting, cluster, and log. */
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
  log: logOptions,
});

export type NodeConfig = z.output<typeof nodeSchema>;

/** Options of remoting from a node's configuration. */
export function remotingOptionsOf(config: NodeConfig): RemotingOptions {
  const { host, port: ownPort, bindHost, bindPort, ...limits } = config.remote;
  return {
    host,
    port: ownPort,
    ...(bindHost === undefined ? {} : { bindHost }),
    ...(bindPort === undefined ? {} : { bindPort }),
    limits,
  };
}

/** Options of the cluster from a node's configuration. Seeds without a port get `seedPort`. */
export function clusterOptionsOf(config: NodeConfig): ClusterOptions {
  const { seedPort, seedNodes, splitBrain, ...rest } = config.cluster;
  const { strategy, downAllWhenUnstable, role, quorumSize, ...others } = splitBrain;
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
          },
  };
}

/** A port follows the host, or the closing bracket of an IPv6 address. */
function withPort(seed: string, seedPort: number): string {
  return /(\]|^[^:]*|@[^:]*):\d+$/.test(seed) ? seed : `${seed}:${seedPort}`;
}
