// Recorded requests and answers, and a client that sends the same bytes again.

import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'fixtures');

export interface Recording {
  readonly name: string;
  readonly request: string;
  readonly response: Response;
}

export interface Response {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The chunks of the body, where it came in chunks. */
  readonly chunks: readonly string[];
}

export const recordingNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.http'))
  .map((name) => name.replace('.http', ''));

export function recordedText(name: string): string {
  return readFileSync(join(folder, `${name}.http`), 'utf8');
}

export function recording(name: string): Recording {
  const text = recordedText(name);
  const begin = '>>> request\n';
  const middle = text.indexOf('<<< response\n');
  return {
    name,
    request: requestOf(text.slice(begin.length, middle).trimEnd()),
    response: parseResponse(withoutNewline(text.slice(middle + '<<< response\n'.length))),
  };
}

/** White space at its end was not kept: a head without body ends with an empty line. */
const requestOf = (text: string): string => (text.includes('\r\n\r\n') ? text : `${text}\r\n\r\n`);

/** An answer ends with a newline that was not on the socket. */
const withoutNewline = (text: string): string => text.replace(/\n$/, '');

export function parseResponse(text: string): Response {
  const at = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, at).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = text.slice(at + 4);
  const chunks = headers['transfer-encoding'] === 'chunked' ? chunksOf(rest) : [];
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: chunks.length > 0 ? chunks.join('') : rest,
    chunks,
  };
}

export function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; ) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (line < 0 || !(size > 0)) break;
    chunks.push(text.slice(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return chunks;
}

/** Sends the bytes and resolves with all that came until the other side closed. */
export function exchange(port: number, host: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      text += String(part);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(request);
  });
}
