// The server: Node's own HTTP, with limits, between sockets and the routes. No routing here: the paths of Pekko Management
// hold `//` and answers that routers do not give.

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { bareHost, errorLine, type Timers } from '../runtime/index.ts';
import { textAnswer } from './answers.ts';
import { ConnectionRoom, hasBody } from './connection-room.ts';
import { ManagementError, RequestRefused } from './errors.ts';
import type { Answer, ManagementRequest, TextSink } from './protocol.ts';
import type { ServerTlsFiles } from './tls-files.ts';

export interface HttpLimits {
  readonly connectionsMax: number;
  readonly headerBytesMax: number;
  readonly bodyBytesMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface ListenHttpOptions {
  /** An IPv6 address may stand in brackets. */
  readonly host: string;
  readonly port: number;
  readonly limits: HttpLimits;
  readonly timers: Timers;
  readonly tls: ServerTlsFiles | undefined;
  /** Never rejects. */
  readonly answer: (request: ManagementRequest) => Promise<Answer>;
}

export interface HttpListener {
  readonly port: number;
  /** Takes no more connections, ends streams, and closes what is open after a moment. */
  close(): Promise<void>;
}

export type ListenHttp = (options: ListenHttpOptions) => Promise<HttpListener>;

/** How long answers under way may take when the server closes. */
const closingMs = 500;
/** How often Node looks for requests that take too long. */
const checkMs = 1000;
/** Requests of one connection that may wait for the answer before them: behind a stream they would wait, and come, for ever. */
const waitingMax = 100;

/** @throws ManagementError `MANAGEMENT_BIND_FAILED`, as a rejection */
export const listenHttp: ListenHttp = async (options) => {
  const { limits, tls } = options;
  const streams = new Set<() => void>();
  const serving = { options, streams, turns: new WeakMap() };
  let room: ConnectionRoom | undefined;
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    room?.serve(request, response);
    void answerInTurn(request, response, serving);
  };
  const settings: ServerOptions = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: checkMs,
  };
  const server =
    tls === undefined ? createServer(settings, take) : await secure(settings, take, tls);
  room = new ConnectionRoom(server, limits.connectionsMax);
  server.setTimeout(limits.idleTimeoutMs);
  const port = await listening(server, options);
  return { port, close: () => closed(server, streams, options.timers) };
};

async function secure(
  settings: ServerOptions,
  take: (request: IncomingMessage, response: ServerResponse) => void,
  tls: ServerTlsFiles,
): Promise<Server> {
  const { createServer: createSecure } = await import('node:https');
  const { isMutual, contextOptions } = tls;
  const asked = { requestCert: isMutual, rejectUnauthorized: isMutual };
  const timed = { handshakeTimeout: settings.headersTimeout };
  const server = createSecure({ ...settings, ...contextOptions, ...asked, ...timed }, take);
  tls.onChange((changed) => server.setSecureContext(changed));
  return server;
}

function listening(server: Server, { host, port }: ListenHttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(bindFailed(host, port, error));
    server.once('error', refused);
    server.listen(port, bareHost(host), () => {
      server.off('error', refused);
      // An accept that failed (too many open files) concerns that connection only.
      server.on('error', () => undefined);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function bindFailed(host: string, port: number, cause: Error): ManagementError {
  const code: unknown = Reflect.get(cause, 'code');
  const why =
    code === 'EADDRINUSE'
      ? 'the port is in use; stop the process that holds it, or set another one with management.port'
      : code === 'EADDRNOTAVAIL'
        ? 'the machine has no such address; set management.bindHost to one that it has'
        : errorLine(cause);
  return new ManagementError(
    'MANAGEMENT_BIND_FAILED',
    `Cannot listen for management on "${host}:${port}": ${why}`,
    { fields: { host, port }, cause },
  );
}

async function closed(
  server: Server,
  streams: ReadonlySet<() => void>,
  timers: Timers,
): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const end of [...streams]) end();
  server.closeIdleConnections();
  const timer = timers.after(closingMs, () => server.closeAllConnections());
  await done;
  timer.cancel();
}

interface Serving {
  readonly options: ListenHttpOptions;
  /** Ends of the streams that are open. */
  readonly streams: Set<() => void>;
  readonly turns: WeakMap<Socket, Turns>;
}

/** The requests of one connection. */
interface Turns {
  /** When the last of its answers is out. */
  last: Promise<void> | undefined;
  waiting: number;
}

/**
 * Who sends many requests without waiting gets one answer at a time: limits would count none of those that wait. Who sends
 * far too many is closed.
 */
async function answerInTurn(
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
): Promise<void> {
  // A client that goes away is no error of ours.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const { socket } = request;
  const turns = serving.turns.get(socket) ?? { last: undefined, waiting: 0 };
  serving.turns.set(socket, turns);
  const before = turns.last;
  turns.last = new Promise((resolve) => response.once('close', resolve));
  if (turns.waiting === waitingMax) socket.destroy();
  if (socket.destroyed) return;
  turns.waiting++;
  await before;
  turns.waiting--;
  if (!response.destroyed && !socket.destroyed) await answerOne(request, response, serving);
}

async function answerOne(
  request: IncomingMessage,
  response: ServerResponse,
  { options, streams }: Serving,
): Promise<void> {
  const answer = hasTwoHosts(request)
    ? twoHosts
    : await options.answer(plainRequest(request, options.limits.bodyBytesMax));
  if (response.destroyed) return;
  response.statusCode = answer.status;
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  // What is left of a body that nobody wanted is not read.
  if (hasBody(request) && !request.complete) response.setHeader('connection', 'close');
  if ('body' in answer) {
    response.setHeader('content-length', Buffer.byteLength(answer.body));
    response.end(answer.body);
    return;
  }
  response.flushHeaders();
  const stop = answer.stream(sinkOf(response));
  const end = (): void => {
    response.end();
  };
  streams.add(end);
  response.once('close', () => {
    streams.delete(end);
    stop();
  });
}

/** RFC 9112, section 3.2. Node hands on the first of them. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length > 1;
}

const twoHosts = textAnswer(400, 'The request names its host twice: one "Host" header is allowed');

function sinkOf(response: ServerResponse): TextSink {
  let waiting = 0;
  return {
    get waiting() {
      return waiting;
    },
    write: (chunk) => {
      waiting++;
      // A chunk of HTTP for each: Node 26 would put those of one turn together. An uncork without its cork ends the answer
      // on Node 22 and 24.
      response.cork();
      response.write(chunk, () => {
        waiting--;
      });
      response.uncork();
    },
    end: () => {
      response.end();
    },
  };
}

function plainRequest(request: IncomingMessage, bodyBytesMax: number): ManagementRequest {
  const [absolute, authority] = /^https?:\/\/([^/?]*)/i.exec(request.url ?? '') ?? [];
  const target = (request.url ?? '/').slice(absolute?.length ?? 0);
  const at = target.indexOf('?');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // RFC 9112, section 3.2.2: the host of the target goes before that of the header.
  if (authority !== undefined) headers.host = authority;
  return {
    method: request.method ?? 'GET',
    path: at < 0 ? target : target.slice(0, at),
    query: new URLSearchParams(at < 0 ? '' : target.slice(at + 1)),
    headers,
    client: request.socket.remoteAddress ?? '',
    body: () => bodyOf(request, bodyBytesMax),
  };
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Left early, the iterator would close the connection before the answer is out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes: unknown = chunk;
      if (!(bytes instanceof Buffer)) continue;
      size += bytes.length;
      if (size > bytesMax) break;
      chunks.push(bytes);
    }
  } catch {
    throw new RequestRefused(textAnswer(400, 'The request has ended before its body'));
  }
  if (size > bytesMax) throw tooLarge(bytesMax);
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): RequestRefused {
  const why = `The request's body is longer than ${bytesMax} bytes, more than any form here needs`;
  return new RequestRefused(textAnswer(413, why));
}
