// What the doctor tries on the machine that it runs on: names, addresses to listen on, and ways to others.

import { lookup } from 'node:dns/promises';
import { connect, createServer } from 'node:net';

export interface NetDoor {
  /** Addresses of a name; rejects when it has none. */
  readonly addresses: (name: string) => Promise<readonly string[]>;
  /** Why nobody could listen there now, such as `EADDRINUSE`; `undefined` when it would work. */
  readonly listenProblem: (host: string, port: number) => Promise<string | undefined>;
  /** Why nobody answers there, such as `ECONNREFUSED`; `undefined` when somebody does. */
  readonly connectProblem: (
    host: string,
    port: number,
    limitMs: number,
  ) => Promise<string | undefined>;
}

const codeOf = (error: Error): string => String(Reflect.get(error, 'code') ?? error.message);

export const netDoor: NetDoor = {
  addresses: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  listenProblem: (host, port) =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', (error) => resolve(codeOf(error)));
      server.listen(port, host, () => server.close(() => resolve(undefined)));
    }),
  connectProblem: (host, port, limitMs) =>
    new Promise((resolve) => {
      const socket = connect({ host, port, timeout: limitMs });
      const end = (problem?: string): void => {
        socket.destroy();
        resolve(problem);
      };
      socket.once('connect', () => end());
      socket.once('timeout', () => end('ETIMEDOUT'));
      socket.once('error', (error) => end(codeOf(error)));
    }),
};
