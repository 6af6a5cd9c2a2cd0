// NATS: a server process, and its own client library in both of our processes.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connect, type NatsConnection, StringCodec } from 'nats';
import { type Contender, nextTurn, text, timeCalls } from './contender.ts';
import { isServer, serverIsReady, startServer } from './server-process.ts';

const servers = '127.0.40.6:25522';
const codec = StringCodec();
const payload = codec.encode(JSON.stringify({ type: 'echo', n: 1, text }));

async function connected(): Promise<NatsConnection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect({ servers });
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }
}

async function serve(): Promise<void> {
  const connection = await connected();
  let seen = 0;
  connection.subscribe('count', { callback: () => void seen++ });
  connection.subscribe('echo', {
    callback: (_error, message) => void message.respond(message.data),
  });
  connection.subscribe('total', {
    callback: (_error, message) => void message.respond(codec.encode(String(seen))),
  });
  await connection.flush();
  serverIsReady('up');
}

/** `undefined` when this machine has no `nats-server`. */
export async function natsContender(): Promise<Contender | undefined> {
  const [host = '', port = ''] = servers.split(':');
  const daemon: ChildProcess = spawn('nats-server', ['-a', host, '-p', port], { stdio: 'ignore' });
  const failed = new Promise<true>((resolve) => {
    daemon.once('error', () => resolve(true));
  });
  if ((await Promise.race([failed, connected().then((probe) => probe.close())])) === true) {
    return undefined;
  }
  const server = await startServer(fileURLToPath(import.meta.url));
  const connection = await connected();
  const total = async (): Promise<number> =>
    Number(codec.decode((await connection.request('total', undefined, { timeout: 60_000 })).data));
  return {
    name: 'NATS',
    async tell(count) {
      const before = await total();
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        for (let i = 0; i < 1000 && sent < count; i++, sent++) connection.publish('count', payload);
        if (sent % 50_000 === 0) await connection.flush();
        else await nextTurn();
      }
      while ((await total()) - before < count);
      return (count * 1000) / (performance.now() - startMs);
    },
    ask: (concurrency, count) =>
      timeCalls(concurrency, count, () => connection.request('echo', payload, { timeout: 60_000 })),
    tellThenAsk: (count) =>
      timeCalls(1, count, () => {
        connection.publish('count', payload);
        return connection.request('echo', payload, { timeout: 60_000 });
      }),
    async close() {
      await connection.close();
      await server.stop();
      daemon.kill();
    },
  };
}

if (isServer()) await serve();
