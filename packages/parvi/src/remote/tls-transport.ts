// Links over TLS, from the first byte on: what goes inside is what TCP carries plainly. Both ends show certificates and
// verify each other unless that is switched off. Source: Pekko `artery/tcp/ArteryTcpTransport.scala`,
// `ConfigSSLEngineProvider.scala`.

import type { LookupFunction, Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { keepAliveMs, SocketOutboundLink } from './socket-link.ts';
import { listenWith, socketAddress } from './tcp-transport.ts';
import { tlsError, tlsErrorOf } from './tls-errors.ts';
import type { TlsFiles } from './tls-files.ts';
import type {
  DialHandlers,
  DialOptions,
  InboundLink,
  Listener,
  ListenHandlers,
  ListenOptions,
  OutboundLink,
  Transport,
} from './transport.ts';

/** Encryption copies anyway, so the writer goes on for a while. */
const copiedBytesMax = 262_144;

export interface TlsTransportOptions {
  readonly files: TlsFiles;
  /** Names to addresses, asked for each dial; default that of the operating system, asked once at a time for each. */
  readonly lookup?: LookupFunction;
}

export function tlsTransport(own: TlsTransportOptions): Transport {
  return {
    listen: (options) => listen(options, own),
    dial: (options, handlers) => dial(options, handlers, own),
    close: () => own.files.close(),
  };
}

function dial(
  options: DialOptions,
  handlers: DialHandlers,
  { files, lookup }: TlsTransportOptions,
): OutboundLink {
  const { hostnameVerification } = files.options;
  const socket = connect({
    ...socketAddress(options, lookup),
    secureContext: files.context,
    rejectUnauthorized: true,
    ...(hostnameVerification ? {} : { checkServerIdentity: () => undefined }),
  });
  const where = `${options.host}:${options.port}`;
  return new SocketOutboundLink(options, handlers, {
    socket,
    openEvent: 'secureConnect',
    copiedBytesMax,
    explain: (error) => tlsErrorOf(error, where) ?? error,
  });
}

function listen(options: ListenOptions, { files }: TlsTransportOptions): Promise<Listener> {
  const { requireMutualAuthentication } = files.options;
  const links = new Map<string, TlsInboundLink>();
  // Who shows no certificate, or a wrong one, is turned away below, where the cause can be told.
  const server = createServer({
    ...files.contextOptions,
    requestCert: requireMutualAuthentication,
    rejectUnauthorized: false,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  });
  files.onChange(() => server.setSecureContext(files.contextOptions));
  server.on('connection', (socket: Socket) => {
    const link = new TlsInboundLink(socket);
    links.set(link.from, link);
    link.begin(options.onLink(link), () => links.delete(link.from));
  });
  server.on('secureConnection', (socket) => {
    const link = links.get(placeOf(socket));
    if (link === undefined) socket.destroy();
    else if (requireMutualAuthentication && !isVerified(socket)) {
      link.refuse(verificationError(socket, link.from));
    } else link.secured(socket);
  });
  server.on('tlsClientError', (error, socket) => {
    const from = placeOf(socket);
    links.get(from)?.refuse(tlsErrorOf(error, from) ?? error);
  });
  return listenWith(server, options);
}

function placeOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function isVerified(socket: TLSSocket): boolean {
  return socket.authorized && socket.getPeerX509Certificate() !== undefined;
}

function verificationError(socket: TLSSocket, from: string): Error {
  if (socket.getPeerX509Certificate() === undefined) {
    return tlsError('REMOTE_TLS_CERTIFICATE_MISSING', from);
  }
  const why = String(socket.authorizationError);
  const cause = Object.assign(new Error(`Verification ended with ${why}`), { code: why });
  return tlsErrorOf(cause, from) ?? tlsError('REMOTE_TLS_PEER_UNTRUSTED', from, cause);
}

/** An accepted connection, from before its handshake on, so that it counts and ends like any other. */
class TlsInboundLink implements InboundLink {
  readonly from: string;
  readonly #raw: Socket;
  #socket: TLSSocket | undefined;
  #handlers: ListenHandlers | undefined;
  #closed = false;
  #failure: Error | undefined;

  constructor(raw: Socket) {
    this.#raw = raw;
    this.from = placeOf(raw);
  }

  begin(handlers: ListenHandlers, onEnd: () => void): void {
    this.#handlers = handlers;
    this.#raw.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#raw.on('close', () => {
      onEnd();
      this.#ended();
    });
  }

  secured(socket: TLSSocket): void {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      if (!this.#closed && typeof chunk !== 'string') this.#handlers?.onData(chunk);
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('close', () => this.#ended());
  }

  /** The other end is not one to speak with. */
  refuse(error: Error): void {
    this.#failure = error;
    this.#raw.destroy();
    this.#ended();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#raw.destroy();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.onClose(this.#failure);
  }
}
