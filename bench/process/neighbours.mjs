// Members for one node to be idle among: many actor systems in one process, each with an address of its own.
// Words: seed node; how long a silence of others is forgiven, and how long a partition has to last before it is decided;
// number of the first, how many. Number 1 listens on the port of the seed node.

const { ActorSystem } = await import('parvi');
const { clusterOf } = await import('parvi/cluster');
const [seed = '', acceptableHeartbeatPause = '', stableAfter = '', first = '1', count = '1'] =
  process.argv.slice(2);
const seedPort = Number(seed.slice(seed.lastIndexOf(':') + 1));
const systems = await Promise.all(
  Array.from({ length: Number(count) }, (_, i) => {
    const number = Number(first) + i;
    return ActorSystem.start({
      name: 'Valuation',
      remote: { host: `127.0.50.${number}`, port: number === 1 ? seedPort : 0 },
      cluster: {
        seedNodes: [seed],
        failureDetector: { acceptableHeartbeatPause },
        splitBrain: { strategy: 'keep-oldest', downIfAlone: true, stableAfter },
      },
      log: { level: 'error' },
      handleSignals: false,
    });
  }),
);
await Promise.all(systems.map((system) => clusterOf(system).whenUp));
process.stdout.write('up\n');
