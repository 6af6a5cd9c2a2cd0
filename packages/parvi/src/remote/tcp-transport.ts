// Links over TCP. Nagle's delay is off, because whoever writes has collected a whole turn's frames already.
//
// `write` reports whether the kernel took the bytes, so that the buffer above can be reused without a copy.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { bindFailed, RemoteError } from './errors.ts';
import type {
  DialHandlers,
  DialOptions,
  InboundLink,
  Listener,
  ListenOptions,
  OutboundLink,
  Transport,
} from './transport.ts';

/** TCP as the operating system gives it; no encryption, no authentication. */
export function tcpTransport(): Transport {
  return { listen, dial: (options, handlers) => new TcpOutboundLink(options, handlers) };
}

class TcpOutboundLink implements OutboundLink {
  readonly #socket: Socket;
  readonly #handlers: DialHandlers;
  readonly #onWritten: () => void;
  #holding = false;
  #closed = false;
  #failure: Error | undefined;

  constructor(options: DialOptions, handlers: DialHandlers) {
    this.#handlers = handlers;
    this.#onWritten = () => this.#written();
    const { host, port, localHost } = options;
    this.#socket = connect(
      localHost === undefined
        ? { host, port, noDelay: true }
        : { host, port, noDelay: true, localAddress: localHost },
    );
    this.#socket.setTimeout(options.timeoutMs);
    this.#listenToSocket(options);
  }

  #listenToSocket(options: DialOptions): void {
    const socket = this.#socket;
    const where = `${options.host}:${options.port}`;
    socket.on('timeout', () => {
      this.#fail(`no connection to "${where}" within ${options.timeoutMs} ms`);
    });
    socket.on('connect', () => {
      socket.setTimeout(0);
      if (!this.#closed) this.#handlers.onOpen();
    });
    socket.on('data', () => {
      this.#fail(`"${where}" sent bytes on a connection that only we write to`);
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('close', () => this.#ended());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    this.#socket.write(bytes, this.#onWritten);
    this.#holding = this.#socket.writableLength > 0;
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

function listen(options: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (socket) => accept(socket, options));
    const refused = (error: Error): void => {
      reject(bindFailed(options.host, options.port, error));
    };
    server.once('error', refused);
    server.listen(options.port, options.host, () => {
      server.off('error', refused);
      server.on('error', () => {
        // An accept that failed (too many open files) concerns that connection only; its dialler sees it fail.
      });
      resolve(new TcpListener(server));
    });
  });
}

class TcpListener implements Listener {
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
