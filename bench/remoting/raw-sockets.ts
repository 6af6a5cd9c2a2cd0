// The floor: bare node:net sockets, frames of a length and 100 bytes, written once a turn. No encoding, no addressing, no
// order of who speaks when: what remoting can at best come near to.

import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Contender, nextTurn, timeCalls } from './contender.ts';
import { isServer, serverIsReady, startServer } from './server-process.ts';

const host = '127.0.40.4';
const port = 25521;
const frameBytes = 104;
const kinds = { count: 1, echo: 2, total: 3 } as const;

/** Collects frames of one turn and cuts what comes in. A frame: length, kind, number, filling. */
class Frames {
  readonly #socket: Socket;
  readonly #onFrame: (kind: number, n: number) => void;
  #slab = Buffer.alloc(64 * frameBytes * 16);
  #used = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, onFrame: (kind: number, n: number) => void) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      if (typeof chunk !== 'string') this.#read(chunk);
    });
    socket.on('error', () => socket.destroy());
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  send(kind: number, n: number): void {
    if (this.#used === 0) queueMicrotask(() => this.#flush());
    if (this.#used + frameBytes > this.#slab.length) this.#flush();
    this.#slab.writeInt32LE(frameBytes - 4, this.#used);
    this.#slab.writeInt32LE(kind, this.#used + 4);
    this.#slab.writeInt32LE(n, this.#used + 8);
    this.#used += frameBytes;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#socket.write(this.#slab.subarray(0, this.#used));
    this.#slab = this.#socket.writableLength === 0 ? this.#slab : Buffer.alloc(this.#slab.length);
    this.#used = 0;
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (; at + frameBytes <= bytes.length; at += frameBytes) {
      this.#onFrame(bytes.readInt32LE(at + 4), bytes.readInt32LE(at + 8));
    }
    this.#rest = bytes.subarray(at);
  }
}

function serve(): void {
  let seen = 0;
  const server = createServer((socket) => {
    const frames: Frames = new Frames(socket, (kind, n) => {
      if (kind === kinds.count) seen++;
      else frames.send(kind, kind === kinds.total ? seen : n);
    });
  });
  server.listen(port, host, () => serverIsReady('up'));
}

export async function rawContender(): Promise<Contender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const socket = connect({ host, port });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  const waiting: ((n: number) => void)[] = [];
  const frames = new Frames(socket, (_kind, n) => waiting.shift()?.(n));
  const question = (kind: number, n: number): Promise<number> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      frames.send(kind, n);
    });
  return {
    name: 'bare sockets',
    async tell(count) {
      const before = await question(kinds.total, 0);
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        for (let i = 0; i < 1000 && sent < count; i++) frames.send(kinds.count, sent++);
        do await nextTurn();
        while (frames.waitingBytes > 4_000_000);
      }
      while ((await question(kinds.total, 0)) - before < count);
      return (count * 1000) / (performance.now() - startMs);
    },
    ask: (concurrency, count) => timeCalls(concurrency, count, (n) => question(kinds.echo, n)),
    tellThenAsk: (count) =>
      timeCalls(1, count, (n) => {
        frames.send(kinds.count, n);
        return question(kinds.echo, n);
      }),
    async close() {
      socket.destroy();
      await server.stop();
    },
  };
}

if (isServer()) serve();
