// Plain HTTP as bytes, so that paths with `//` go out as they are, and answers are seen as they come in.

import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request and reads until the other side closes. @throws Error when it cannot be reached */
export function askHttp(
  host: string,
  port: number,
  head: string,
  ...more: readonly string[]
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(30_000, () => socket.destroy(new Error(`No answer to "${head}"`)));
    socket.on('data', (part) => {
      text += String(part);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answerOf(text)));
    const lines = [`${head} HTTP/1.1`, `Host: ${host}:${port}`, 'Connection: close', ...more];
    const hasBody = more.includes('');
    socket.write(`${lines.join('\r\n')}${hasBody ? '' : '\r\n\r\n'}`);
  });
}

/** A form as the end of a request. */
export function formLines(fields: Readonly<Record<string, string>>): readonly string[] {
  const body = new URLSearchParams(fields).toString();
  return [
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
}

function answerOf(text: string): HttpAnswer {
  const at = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, at).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: text.slice(at + 4),
  };
}

/** A stream of events: what came so far, as it came. */
export class EventStream {
  readonly #socket: Socket;
  #text = '';
  #told: () => void = () => undefined;

  constructor(host: string, port: number, path: string) {
    this.#socket = connect(port, host);
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (part) => {
      this.#text += String(part);
      this.#told();
    });
    this.#socket.on('error', () => undefined);
    const head = `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: text/event-stream`;
    this.#socket.write(`${head}\r\n\r\n`);
  }

  /** Resolves with everything so far once the test is passed. @throws Error after a minute */
  async until(test: (text: string) => boolean): Promise<string> {
    const timer = setTimeout(() => this.#socket.destroy(), 60_000);
    while (!test(this.#text)) {
      if (this.#socket.destroyed) throw new Error(`The stream did not get there:\n${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        this.#socket.once('close', resolve);
      });
    }
    clearTimeout(timer);
    return this.#text;
  }

  close(): void {
    this.#socket.destroy();
  }
}
