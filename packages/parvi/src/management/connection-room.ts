// Which connection goes when there are as many as are served. Who opens many and asks nothing must not keep probes out:
// not the new connection goes, but the one that has had no whole request for the longest.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  readonly socket: Socket;
  /** Whole requests that are not answered yet. */
  asked: number;
}

export class ConnectionRoom {
  readonly #connectionsMax: number;
  /** By the other end's address and port; those that wait for a request in the order in which they began to. */
  readonly #open = new Map<string, Connection>();

  constructor(server: Server, connectionsMax: number) {
    this.#connectionsMax = connectionsMax;
    server.on('connection', (socket) => this.#enter(socket));
  }

  /** A request has come: once it is whole, its connection stays until it is answered. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(request.socket);
    const connection = this.#open.get(key);
    if (connection === undefined) return;
    let isWhole = false;
    const whole = (): void => {
      isWhole = true;
      connection.asked++;
    };
    if (hasBody(request)) request.once('end', whole);
    else whole();
    response.once('close', () => {
      request.off('end', whole);
      if (isWhole) connection.asked--;
      if (this.#open.get(key) !== connection) return;
      this.#open.delete(key);
      this.#open.set(key, connection);
    });
  }

  #enter(socket: Socket): void {
    const key = keyOf(socket);
    const connection = { socket, asked: 0 };
    this.#open.set(key, connection);
    socket.once('close', () => this.#forget(key, connection));
    if (this.#open.size <= this.#connectionsMax) return;
    for (const [longest, { socket: waiting, asked }] of this.#open) {
      if (asked > 0) continue;
      this.#open.delete(longest);
      waiting.destroy();
      return;
    }
  }

  #forget(key: string, connection: Connection): void {
    if (this.#open.get(key) === connection) this.#open.delete(key);
  }
}

/** The same for a connection and for TLS on it. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
