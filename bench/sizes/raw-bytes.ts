// The floor for large messages: bare node:net sockets, each message a length and its bytes, counted on the other side.

import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isServer, serverIsReady, startServer } from '../remoting/server-process.ts';
import type { BytesContender } from './bytes-contender.ts';

const host = '127.0.40.8';
const port = 25_525;
const lengthBytes = 4;

function serve(): void {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      let seen = 0;
      while (at + lengthBytes <= bytes.length) {
        const end = at + lengthBytes + bytes.readUInt32LE(at);
        if (end > bytes.length) break;
        at = end;
        seen++;
      }
      rest = bytes.subarray(at);
      if (seen === 0) return;
      const answer = Buffer.alloc(lengthBytes);
      answer.writeUInt32LE(seen);
      socket.write(answer);
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(port, host, () => serverIsReady('up'));
}

export async function rawBytes(): Promise<BytesContender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  let seen = 0;
  let rest: Buffer = Buffer.alloc(0);
  let onSeen = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.length - (bytes.length % lengthBytes);
    for (let at = 0; at < end; at += lengthBytes) seen += bytes.readUInt32LE(at);
    rest = bytes.subarray(end);
    onSeen();
  });
  return {
    name: 'bare sockets',
    async send(bytes, count) {
      const head = Buffer.alloc(lengthBytes);
      head.writeUInt32LE(bytes.length);
      const goal = seen + count;
      const startMs = performance.now();
      for (let i = 0; i < count; i++) {
        socket.cork();
        socket.write(head);
        const goesOn = socket.write(bytes);
        socket.uncork();
        if (!goesOn) await new Promise((resolve) => socket.once('drain', resolve));
      }
      await new Promise<void>((resolve) => {
        onSeen = () => {
          if (seen >= goal) resolve();
        };
        onSeen();
      });
      return performance.now() - startMs;
    },
    async close() {
      socket.destroy();
      await server.stop();
    },
  };
}

if (isServer()) serve();
