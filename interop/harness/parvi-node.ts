// A Parvi node as a program of the tests: driven by JSON lines on standard input, like the node of the JVM (Peer.java).
// INTEROP_OPTIONS holds its options as JSON; INTEROP_LEASE names the file of the lease that decides partitions, if any.

import { createInterface } from 'node:readline';
import { ActorSystem, clusterOf, deadLetterEvent, memberEvents, type StartOptions } from 'parvi';
import { type ClusterEvent, reachabilityEvents, type SplitBrainOptions } from 'parvi/cluster';
import { NodeCommands } from './node-commands.ts';
import { fileLease } from './node-lease.ts';
import { messageTypes, oddSerializer, writeLine } from './values.ts';

const options = JSON.parse(process.env.INTEROP_OPTIONS ?? '{}') as StartOptions;
const { cluster: clusterOptions, name } = options;
const leasePath = process.env.INTEROP_LEASE;
const system = await ActorSystem.start({
  ...options,
  ...(leasePath === undefined
    ? {}
    : { cluster: { ...clusterOptions, splitBrain: byLease(leasePath) } }),
  remote: { ...options.remote, serialization: { messageTypes, serializers: [oddSerializer] } },
});
const cluster = clusterOf(system);

function byLease(path: string): SplitBrainOptions {
  const { splitBrain } = clusterOptions ?? {};
  const { host = '', port = 0 } = options.remote ?? {};
  return {
    ...(typeof splitBrain === 'object' ? splitBrain : {}),
    strategy: 'lease-majority',
    lease: fileLease(path, `${name}@${host}:${port}`),
  };
}

function tell(event: Pick<ClusterEvent, 'type'> & Partial<ClusterEvent>): void {
  if ('member' in event && event.member !== undefined) {
    const { node, status } = event.member;
    writeLine({ event: event.type, member: node.addressKey, uid: String(node.uid), status });
  } else if (event.type === 'LeaderChanged' && 'leader' in event) {
    writeLine({ event: event.type, leader: event.leader?.addressKey ?? null });
  }
}

cluster.subscribe(
  [...memberEvents, ...reachabilityEvents, 'LeaderChanged'],
  (event) => {
    if (event.type !== 'CurrentClusterState') tell(event);
  },
  { initial: 'events' },
);
system.eventStream.subscribe(deadLetterEvent, ({ recipient, reason, message }) =>
  writeLine({ event: 'deadLetter', recipient, reason, message: typeof message }),
);
const commands = new NodeCommands(system);
writeLine({ event: 'ready', address: cluster.self.addressKey, uid: String(cluster.self.uid) });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => commands.run(line));
// The end of the input is the end of the test that drives this node.
lines.on('close', () => process.exit(3));
await system.whenTerminated;
process.exit(0);
