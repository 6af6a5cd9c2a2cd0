// One address in front of all controllers, as a gateway is: a connection goes to the next one that takes it.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Gateway {
  readonly url: string;
  close(): void;
}

export async function openGateway(ports: readonly number[]): Promise<Gateway> {
  const sockets = new Set<Socket>();
  let next = 0;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client)).on('error', () => undefined);
    const order = ports.map((_, i) => ports[(next + i) % ports.length] as number);
    next++;
    forward(client, order);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function forward(client: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) {
    client.destroy();
    return;
  }
  const controller = connect(port, '127.0.0.1');
  const tryNext = (): void => forward(client, others);
  controller.once('error', tryNext);
  controller.once('connect', () => {
    controller.off('error', tryNext);
    controller.on('error', () => client.destroy());
    controller.on('close', () => client.end());
    client.on('close', () => controller.destroy());
    client.pipe(controller);
    controller.pipe(client);
  });
}
