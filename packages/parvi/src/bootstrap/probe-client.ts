// Asks contact points over HTTP, one connection for all probes of each, as JVM nodes do.

import {
  Agent,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { bareHost, type Timers, toError } from '../runtime/index.ts';
import { type ContactPoint, seedNodesUrl } from './contact-point.ts';
import { nameUnknown } from './probing.ts';
import { parseSeedNodes, type SeedNodesAnswer } from './seed-nodes-answer.ts';

export interface ProbeClient {
  /** Rejects with an Error that says in a few words what is wrong; also after `limitMs`. */
  probe(contactPoint: ContactPoint, limitMs: number): Promise<SeedNodesAnswer>;
  /** Ends all connections. */
  close(): void;
}

export interface ProbeTls {
  /** Authorities that may vouch for contact points, PEM; those of the machine when absent. */
  readonly ca?: string | undefined;
  /** The certificate of this node, where contact points ask for one. */
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

export interface ProbeClientOptions {
  readonly timers: Timers;
  /** Read for each new connection. */
  readonly tls?: () => ProbeTls;
}

/** Five members take less than a kilobyte; a body far beyond is not what was asked for. */
const bodyBytesMax = 256 * 1024;

export function httpProbeClient({ timers, tls = () => ({}) }: ProbeClientOptions): ProbeClient {
  const pool = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1 };
  const plain = new Agent(pool);
  const secure = new SecureAgent(pool);
  return {
    async probe(contactPoint, limitMs) {
      const abort = new AbortController();
      const limit = timers.after(limitMs, () =>
        abort.abort(new Error(`no answer within ${Math.round(limitMs)} ms`)),
      );
      const { signal } = abort;
      const options: RequestOptions = {
        headers: { accept: 'application/json', 'user-agent': 'parvi' },
        signal,
        ...(contactPoint.ip === undefined ? {} : { lookup: alwaysTo(contactPoint.ip) }),
      };
      try {
        const url = new URL(seedNodesUrl(contactPoint));
        const text = await get((onAnswer) =>
          contactPoint.scheme === 'https'
            ? secureRequest(url, { ...tls(), ...options, agent: secure }, onAnswer)
            : plainRequest(url, { ...options, agent: plain }, onAnswer),
        );
        return parseSeedNodes(text);
      } catch (error) {
        throw signal.aborted ? toError(signal.reason) : plainReason(error);
      } finally {
        limit.cancel();
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** Names of pods may be unknown to DNS, while discovery has told their addresses. */
function alwaysTo(ip: string): LookupFunction {
  const address = bareHost(ip);
  const family = address.includes(':') ? 6 : 4;
  return (_, { all }, callback) => {
    if (all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

function get(
  send: (onAnswer: (answer: IncomingMessage) => void) => ReturnType<typeof plainRequest>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = send((answer) => {
      readBody(answer).then(resolve, reject);
    });
    request.on('error', reject);
    request.end();
  });
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new Error(`an answer of more than ${bodyBytesMax} bytes`);
    parts.push(part);
  }
  const { statusCode: status = 0, headers } = answer;
  const type = (headers['content-type'] ?? 'none').slice(0, 100);
  const text = Buffer.concat(parts).toString('utf8');
  if (status !== 200) {
    const said = /^text\/plain\b/i.test(type) ? beginningOf(text) : '';
    throw new Error(`status ${status}${statusAdvice(status, said)}`);
  }
  if (/^application\/json\b/i.test(type)) return text;
  throw new Error(`an answer of type "${type}" instead of application/json`);
}

/** Proxies refuse as well as management does, each for reasons of its own: only the answer itself may tell why. */
function statusAdvice(status: number, said: string): string {
  if (status === 404) return ', as where no bootstrap runs or another base path is set';
  if (status === 401) return ', as contact points send no credentials';
  if (status !== 403) return '';
  if (said !== '') return `: ${said}`;
  return ', as where credentials are asked for, or where its management.allowedHosts lacks this name';
}

/** Whoever answers may say anything; logs need one line of it. */
function beginningOf(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > charsShownMax ? `${line.slice(0, charsShownMax)}…` : line;
}
const charsShownMax = 200;

/** Errors of sockets name the host again, and several when a name has several addresses. */
function plainReason(error: unknown): Error {
  const { code, message } = Object.assign({ code: '' }, toError(error), {
    message: toError(error).message,
  });
  switch (code) {
    case 'ECONNREFUSED':
      return new Error('nobody listens there', { cause: error });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Error(nameUnknown, { cause: error });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new Error('there is no way to it', { cause: error });
    case 'ECONNRESET':
      return new Error('the connection was cut', { cause: error });
    default:
      return new Error(message === '' ? code : message, { cause: error });
  }
}
