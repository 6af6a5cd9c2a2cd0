// Stands between nodes: owns the announced address of one, passes every byte on, reads the frames that go by, and can cut
// the node off from others. Who speaks is known from the first frame, which carries the uid of its sender.

import { createServer, createConnection as dial, type Server, type Socket } from 'node:net';
import { EnvelopeReader, FrameCutter } from 'parvi/wire';

const frameBytesMax = 64 * 1024 * 1024;

export class Tap {
  /** Frames that name their recipient, or their class, by table index. */
  readonly counts = { frames: 0, compressedRecipients: 0, compressedManifests: 0 };
  readonly #host: string;
  readonly #bindPort: number;
  readonly #cutOff = new Set<string>();
  readonly #open = new Map<Socket, { uid: string; readonly end: () => void }>();
  readonly #server: Server;

  private constructor(host: string, bindPort: number) {
    this.#host = host;
    this.#bindPort = bindPort;
    this.#server = createServer((inbound) => this.#pass(inbound));
  }

  /** Listens at the node's announced address; the node itself listens at `bindPort`. */
  static async open(host: string, port: number, bindPort: number): Promise<Tap> {
    const tap = new Tap(host, bindPort);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    tap.#server.once('error', reject);
    tap.#server.listen(port, host, resolve);
    await promise;
    return tap;
  }

  /** From now on nothing of these senders reaches the node. */
  cutOff(uids: readonly string[]): void {
    for (const uid of uids) this.#cutOff.add(uid);
    for (const link of this.#open.values()) if (this.#cutOff.has(link.uid)) link.end();
  }

  heal(): void {
    this.#cutOff.clear();
  }

  close(): void {
    this.#server.close();
    for (const link of this.#open.values()) link.end();
  }

  #pass(inbound: Socket): void {
    const outbound = dial({ host: this.#host, port: this.#bindPort });
    const end = (): void => {
      this.#open.delete(inbound);
      inbound.destroy();
      outbound.destroy();
    };
    const link = { uid: '', end };
    this.#open.set(inbound, link);
    for (const socket of [inbound, outbound]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    const cutter = new FrameCutter({ frameBytesMax });
    const reader = new EnvelopeReader();
    const held: Buffer[] = [];
    inbound.on('data', (chunk) => {
      const bytes = Buffer.from(chunk);
      link.uid = this.#read(cutter, reader, bytes) ?? link.uid;
      if (this.#cutOff.has(link.uid)) {
        end();
        return;
      }
      held.push(bytes);
      if (link.uid === '') return;
      for (const part of held.splice(0)) outbound.write(part);
    });
  }

  /** Counts what is in the bytes; gives the uid of the sender of the last frame. */
  #read(cutter: FrameCutter, reader: EnvelopeReader, bytes: Uint8Array): string | undefined {
    let uid: string | undefined;
    cutter.push(bytes);
    while (cutter.next()) {
      const envelope = reader.read(cutter.bytes, cutter.start, cutter.end);
      this.counts.frames++;
      if (envelope.recipientIndex >= 0) this.counts.compressedRecipients++;
      if (envelope.manifestIndex >= 0) this.counts.compressedManifests++;
      uid = String(envelope.uid);
    }
    return uid;
  }
}
