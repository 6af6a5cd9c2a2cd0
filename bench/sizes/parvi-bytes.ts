// Bytes as messages of actors, over Artery TCP on loopback.

import { fileURLToPath } from 'node:url';
import { type ActorRef, ActorSystem, actor } from '../../packages/parvi/src/actor/index.ts';
import { Remoting } from '../../packages/parvi/src/remote/index.ts';
import { nextTurn } from '../remoting/contender.ts';
import { isServer, serverIsReady, startServer } from '../remoting/server-process.ts';
import type { BytesContender } from './bytes-contender.ts';

type Message = { type: 'blob'; bytes: Uint8Array } | { type: 'total'; replyTo: ActorRef<number> };

const sink = actor<Message>(() => {
  let seen = 0;
  return {
    blob({ bytes }) {
      if (bytes.length > 0) seen++;
    },
    total({ replyTo }) {
      replyTo.tell(seen);
    },
  };
});

/** Bytes that may wait in our own queue; far from where it would drop. */
const queuedBytesMax = 4_000_000;

async function serve(): Promise<void> {
  const system = ActorSystem.create({ name: 'bench' });
  await Remoting.start(system, { host: '127.0.40.9', port: 25_520 });
  serverIsReady(system.spawn(sink, 'sink').path);
  setInterval(() => undefined, 60_000);
}

export async function parviBytes(): Promise<BytesContender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const system = ActorSystem.create({ name: 'bench' });
  const remoting = await Remoting.start(system, { host: '127.0.40.10', port: 25_520 });
  const far = system.resolve(String(server.ready)) as ActorRef<Message>;
  const total = (): Promise<number> => far.ask<number>((replyTo) => ({ type: 'total', replyTo }));
  const queuedBytes = (): number =>
    remoting.associations()[0]?.streams.reduce((sum, { queuedBytes: q }) => sum + q, 0) ?? 0;
  return {
    name: 'Parvi',
    async send(bytes, count) {
      const goal = (await total()) + count;
      const portion = Math.max(1, Math.floor(256_000 / bytes.length));
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        for (let i = 0; i < portion && sent < count; i++, sent++) {
          far.tell({ type: 'blob', bytes });
        }
        do await nextTurn();
        while (queuedBytes() > queuedBytesMax);
      }
      while ((await total()) < goal);
      return performance.now() - startMs;
    },
    async close() {
      await system.terminate();
      await server.stop();
    },
  };
}

if (isServer()) await serve();
