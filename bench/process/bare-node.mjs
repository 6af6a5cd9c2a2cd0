// A node of the toolkit alone, as small as one can be: it listens, joins and waits. Words: seed node.
// Started as `docs` tell: with the cache of compiled modules, and with a young generation that does not grow on what is
// loaded at the start.

import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

enableCompileCache();
setFlagsFromString('--semi-space-growth-factor=1');
const { ActorSystem } = await import('parvi');
const { clusterOf } = await import('parvi/cluster');
const system = await ActorSystem.start({
  name: 'Valuation',
  remote: { host: '127.0.0.1', port: 0 },
  cluster: {
    seedNodes: [process.argv[2] ?? ''],
    splitBrain: { strategy: 'keep-oldest', downIfAlone: true },
  },
});
setFlagsFromString('--semi-space-growth-factor=2');
await clusterOf(system).whenUp;
process.stdout.write('up\n');
