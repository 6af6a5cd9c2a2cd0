// Links over TCP. Nagle's delay is off, because whoever writes has collected a whole turn's frames already.
//
// `write` reports whether the kernel took the bytes, so that the buffer above can be reused without a copy.

import { connect, createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { bareHost } from '../runtime/index.ts';
import { bindFailed } from './errors.ts';
import { sharedLookup } from './shared-lookup.ts';
import { keepAliveMs, SocketOutboundLink } from './socket-link.ts';
import type {
  DialHandlers,
  DialOptions,
  InboundLink,
  Listener,
  ListenOptions,
  OutboundLink,
  Transport,
} from './transport.ts';

export interface TcpTransportOptions {
  /** Names to addresses, asked for each dial; default that of the operating system, asked once at a time for each. */
  readonly lookup?: LookupFunction;
}

/** TCP as the operating system gives it; no encryption, no authentication. */
export function tcpTransport(own: TcpTransportOptions = {}): Transport {
  return { listen, dial: (options, handlers) => dial(options, handlers, own) };
}

function dial(
  options: DialOptions,
  handlers: DialHandlers,
  { lookup }: TcpTransportOptions,
): OutboundLink {
  const socket = connect(socketAddress(options, lookup));
  const explain = (error: Error): Error => error;
  return new SocketOutboundLink(options, handlers, {
    socket,
    openEvent: 'connect',
    copiedBytesMax: 0,
    explain,
  });
}

const systemLookup = sharedLookup();

/** Where a socket connects to and from. */
export function socketAddress(
  { host, port, localHost }: DialOptions,
  lookup: LookupFunction = systemLookup,
) {
  return {
    host: bareHost(host),
    port,
    noDelay: true,
    ...(localHost === undefined ? {} : { localAddress: bareHost(localHost) }),
    lookup,
  };
}

function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
    (socket) => accept(socket, options),
  );
  return listenWith(server, options);
}

/** Resolves when the server listens. */
export function listenWith(server: Server, options: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      reject(bindFailed(options.host, options.port, error));
    };
    server.once('error', refused);
    server.listen(options.port, bareHost(options.host), () => {
      server.off('error', refused);
      server.on('error', () => {
        // An accept that failed (too many open files) concerns that connection only; its dialler sees it fail.
      });
      resolve(new SocketListener(server));
    });
  });
}

class SocketListener implements Listener {
  readonly port: number;
  readonly #server: Server;

  constructor(server: Server) {
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close();
      resolve();
    });
  }
}

function accept(socket: Socket, options: ListenOptions): void {
  let closed = false;
  let failure: Error | undefined;
  const link: InboundLink = {
    from: `${socket.remoteAddress}:${socket.remotePort}`,
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
  const handlers = options.onLink(link);
  socket.on('data', (chunk) => {
    if (!closed && typeof chunk !== 'string') handlers.onData(chunk);
  });
  socket.on('end', () => socket.destroy());
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    if (!closed) handlers.onClose(failure);
    closed = true;
  });
}
