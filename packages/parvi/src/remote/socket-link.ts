// The dialling end of a link over a socket of the operating system, encrypted or not, and what both ends set on theirs.

import type { Socket } from 'node:net';
import { RemoteError } from './errors.ts';
import { tlsError } from './tls-errors.ts';
import type { DialHandlers, DialOptions, OutboundLink } from './transport.ts';

/**
 * A connection on which nothing moves is asked by the kernel whether the other end is there: first after so long, then
 * each second, ten times. A host that vanished is noticed in less than a minute.
 */
export const keepAliveMs = 30_000;

/** First bytes of records of TLS: an alert, or a handshake. */
const tlsRecordTypes: readonly (number | undefined)[] = [0x15, 0x16];

export interface DialledSocket {
  readonly socket: Socket;
  /** The event after which bytes may go. */
  readonly openEvent: 'connect' | 'secureConnect';
  /**
   * Bytes that are copied and held for the socket before the writer is held back; 0 hands the writer's own memory to the
   * kernel and holds it back as soon as the kernel does not take everything.
   */
  readonly copiedBytesMax: number;
  /** What the person is told instead of what the socket said. */
  explain(error: Error): Error;
}

export class SocketOutboundLink implements OutboundLink {
  readonly #socket: Socket;
  readonly #dialled: DialledSocket;
  readonly #handlers: DialHandlers;
  readonly #onWritten: () => void;
  #holding = false;
  #closed = false;
  #failure: Error | undefined;

  constructor(options: DialOptions, handlers: DialHandlers, dialled: DialledSocket) {
    this.#handlers = handlers;
    this.#dialled = dialled;
    this.#onWritten = () => this.#written();
    this.#socket = dialled.socket;
    this.#socket.setTimeout(options.timeoutMs);
    this.#listenToSocket(options);
  }

  #listenToSocket(options: DialOptions): void {
    const socket = this.#socket;
    const where = `${options.host}:${options.port}`;
    socket.on('timeout', () => {
      this.#fail(`no connection to "${where}" within ${options.timeoutMs} ms`);
    });
    socket.on(this.#dialled.openEvent, () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, keepAliveMs);
      if (!this.#closed) this.#handlers.onOpen();
    });
    socket.on('data', (chunk) => {
      const type = typeof chunk === 'string' ? undefined : chunk[0];
      if (this.#dialled.openEvent === 'connect' && tlsRecordTypes.includes(type)) {
        this.#failure ??= tlsError('REMOTE_TLS_UNEXPECTED', where);
      }
      this.#fail(`"${where}" sent bytes on a connection that only we write to`);
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      this.#failure ??= this.#dialled.explain(error);
    });
    socket.on('close', () => this.#ended());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    const { copiedBytesMax } = this.#dialled;
    this.#socket.write(copiedBytesMax > 0 ? new Uint8Array(bytes) : bytes, this.#onWritten);
    this.#holding = this.#socket.writableLength > copiedBytesMax;
    return !this.#holding;
  }

  close(orderly: boolean): void {
    this.#closed = true;
    if (orderly) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  #written(): void {
    if (!this.#holding || this.#socket.writableLength > 0) return;
    this.#holding = false;
    if (!this.#closed) this.#handlers.onDrain();
  }

  #fail(why: string): void {
    this.#failure ??= new RemoteError('REMOTE_DIAL_FAILED', why);
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.onClose(this.#failure);
  }
}
