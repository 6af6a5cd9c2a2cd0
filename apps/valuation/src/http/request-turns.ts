// Which request is begun when. Node reads all requests that a client has sent in one go, and would begin them at once:
// thousands on one connection, sent by a client that reads no answer, would all be computed and kept. Here a connection
// has one request at a time; the next begins when the answer has been taken, and with a turn of the event loop between.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface RequestTurnsOptions {
  /** Bytes of answers that all clients together may leave unread. */
  readonly unreadBytesMax?: number;
  /** Requests that may wait for their turn on all connections together. */
  readonly waitingMax?: number;
}

const defaults = { unreadBytesMax: 256 * 1024 * 1024, waitingMax: 32_768 } as const;

type Turn = readonly [request: IncomingMessage, response: ServerResponse];

/** The requests of one connection. */
interface Line {
  readonly waiting: Turn[];
  isBusy: boolean;
}

export class RequestTurns {
  readonly #begin: RequestListener;
  readonly #unreadBytesMax: number;
  readonly #waitingMax: number;
  readonly #lines = new Map<Socket, Line>();
  #waiting = 0;

  constructor(begin: RequestListener, options: RequestTurnsOptions = {}) {
    this.#begin = begin;
    this.#unreadBytesMax = options.unreadBytesMax ?? defaults.unreadBytesMax;
    this.#waitingMax = options.waitingMax ?? defaults.waitingMax;
  }

  /** Begins the request now, or when those before it on its connection have been answered. */
  readonly take: RequestListener = (request, response) => {
    const { socket } = request;
    const line = this.#lines.get(socket) ?? this.#lineOf(socket);
    if (!line.isBusy) {
      this.#start(socket, line, [request, response]);
      return;
    }
    line.waiting.push([request, response]);
    this.#waiting++;
    if (this.#waiting > this.#waitingMax) socket.destroy();
    else socket.pause();
  };

  #lineOf(socket: Socket): Line {
    const line: Line = { waiting: [], isBusy: false };
    this.#lines.set(socket, line);
    // Node reads on when a request is over; what waits here is enough.
    socket.on('resume', () => {
      if (line.waiting.length > 0) socket.pause();
    });
    socket.once('close', () => {
      this.#lines.delete(socket);
      this.#waiting -= line.waiting.splice(0).length;
    });
    return line;
  }

  #start(socket: Socket, line: Line, [request, response]: Turn): void {
    line.isBusy = true;
    response.once('close', () => this.#afterwards(socket, line));
    this.#makeRoom();
    if (!socket.destroyed) this.#begin(request, response);
  }

  #afterwards(socket: Socket, line: Line): void {
    line.isBusy = line.waiting.length > 0;
    if (line.isBusy) setImmediate(() => this.#next(socket, line));
  }

  #next(socket: Socket, line: Line): void {
    const turn = line.waiting.shift();
    if (turn === undefined) return;
    this.#waiting--;
    if (line.waiting.length === 0) socket.resume();
    this.#start(socket, line, turn);
  }

  /** When clients leave too much unread, the one that leaves most of it is let go. */
  #makeRoom(): void {
    let unread = 0;
    let most: Socket | undefined;
    for (const socket of this.#lines.keys()) {
      unread += socket.writableLength;
      if (socket.writableLength > (most?.writableLength ?? 0)) most = socket;
    }
    if (unread > this.#unreadBytesMax) most?.destroy();
  }
}
