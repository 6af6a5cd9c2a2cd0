// Moleculer: two brokers that speak its TCP transport with each other, JSON as it comes by default.

import { fileURLToPath } from 'node:url';
import { type BrokerOptions, ServiceBroker } from 'moleculer';
import { type Contender, nextTurn, text, timeCalls } from './contender.ts';
import { isServer, serverIsReady, startServer } from './server-process.ts';

const ports = { client: 25_523, server: 25_524 };

function options(name: keyof typeof ports): BrokerOptions {
  const urls = Object.entries(ports)
    .map(([node, port]) => `tcp://127.0.0.1:${port}/${node}`)
    .join(',');
  return {
    nodeID: name,
    logger: false,
    requestTimeout: 60_000,
    transporter: { type: 'TCP', options: { udpDiscovery: false, port: ports[name], urls } },
  };
}

async function serve(): Promise<void> {
  const broker = new ServiceBroker(options('server'));
  let seen = 0;
  broker.createService({
    name: 'far',
    actions: {
      echo: ({ params }: { params: unknown }) => params,
      total: () => seen,
    },
    events: {
      count: () => {
        seen++;
      },
    },
  });
  await broker.start();
  serverIsReady('up');
}

export async function moleculerContender(): Promise<Contender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const broker = new ServiceBroker(options('client'));
  await broker.start();
  await broker.waitForServices('far');
  const question = (n: number) => broker.call('far.echo', { type: 'echo', n, text });
  const total = async (): Promise<number> => Number(await broker.call('far.total'));
  return {
    name: 'Moleculer',
    async tell(count) {
      const before = await total();
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        const portion: Promise<unknown>[] = [];
        for (let i = 0; i < 200 && sent < count; i++) {
          portion.push(broker.emit('count', { n: sent++, text }));
        }
        await Promise.all(portion);
        await nextTurn();
      }
      while ((await total()) - before < count);
      return (count * 1000) / (performance.now() - startMs);
    },
    ask: (concurrency, count) => timeCalls(concurrency, count, question),
    tellThenAsk: (count) =>
      timeCalls(1, count, async (n) => {
        await broker.emit('count', { n, text });
        return question(n);
      }),
    async close() {
      await broker.stop();
      await server.stop();
    },
  };
}

if (isServer()) await serve();
