// Which port is free: a given one, or any.

import { createServer } from 'node:net';

/** The port if it can be listened on, any free port for 0, and -1 when the given one is taken. */
export function freePort(host: string, port = 0): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(-1));
    server.listen(port, host, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : -1;
      server.close(() => resolve(found));
    });
  });
}
