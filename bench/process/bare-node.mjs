// A node of the toolkit alone, as small as one can be: it listens, joins and waits.
// Words: seed node; how long a silence of others is forgiven, and how long a partition has to last before it is decided.
// Started as `docs` tell: with the cache of compiled modules, and with a young generation that does not grow on what is
// loaded at the start.

import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

enableCompileCache();
setFlagsFromString('--semi-space-growth-factor=1');
const [seed = '', acceptableHeartbeatPause = '3s', stableAfter = '20s'] = process.argv.slice(2);
const { ActorSystem } = await import('parvi');
const { clusterOf } = await import('parvi/cluster');
const system = await ActorSystem.start({
  name: 'Valuation',
  remote: { host: '127.0.0.1', port: 0 },
  cluster: {
    seedNodes: [seed],
    failureDetector: { acceptableHeartbeatPause },
    splitBrain: { strategy: 'keep-oldest', downIfAlone: true, stableAfter },
  },
});
setFlagsFromString('--semi-space-growth-factor=2');
await clusterOf(system).whenUp;

// What it has counted, for who asks by this signal.
process.on('SIGUSR2', () => {
  const counts = system.metrics
    .snapshot()
    .filter(({ kind }) => kind !== 'histogram')
    .flatMap(({ name, samples }) =>
      samples.map(({ labels, value }) => [[name, ...labels].join(' '), value]),
    );
  process.stdout.write(`counts ${JSON.stringify(Object.fromEntries(counts))}\n`);
});
process.stdout.write('up\n');
