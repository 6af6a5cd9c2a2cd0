// Talks to the management server of one node. Everything that the command shows or does goes through here.

import type { z } from 'zod';
import { errorLine } from '../runtime/index.ts';
import { type Credentials, passwordVariables, tokenVariable } from './credentials.ts';
import { CliError, CredentialsRefused } from './exit-codes.ts';
import type { DoorAnswer, HttpDoor } from './http-door.ts';
import { type AskedPath, eventShape, messageShape, shapes } from './shapes.ts';
import { plain } from './terminal.ts';
import { tlsTrouble } from './tls-trouble.ts';
import type { EventView, MembersView } from './views.ts';

export interface ManagementClientOptions {
  /** Address of the management server, with its base path if it has one, such as `http://127.0.0.1:7626`. */
  readonly url: string;
  readonly door: HttpDoor;
  readonly credentials?: Credentials;
  /** How long a node may take for a whole answer, and for a stream to begin. */
  readonly timeoutMs: number;
  /** Ends what is under way. */
  readonly interrupted: AbortSignal;
}

const form = 'application/x-www-form-urlencoded';
/** A node says something at least every 10 s. */
const eventSilenceMs = 30_000;
/** Far more than the largest of all answers. */
const answerCharsMax = 64 * 1024 * 1024;
const eventType = 'text/event-stream';
/** Far more than an event of a member with all its roles. */
const lineCharsMax = 1024 * 1024;

export class ManagementClient {
  readonly base: string;
  readonly #options: ManagementClientOptions;

  /** @throws CliError `CLI_USAGE` when the address cannot be read */
  constructor(options: ManagementClientOptions) {
    this.#options = options;
    this.base = baseOf(options.url);
  }

  /** @throws CliError `CLI_UNREACHABLE`, `CLI_REFUSED`, `CLI_ANSWER_UNKNOWN`, as rejections; so do the others */
  async get<T>(path: AskedPath, query = ''): Promise<T> {
    return this.#parsed(await this.#text('GET', path + query), shapes[path]) as T;
  }

  /** As {@link get}; `undefined` when the node has no such page. */
  async find<T>(path: AskedPath): Promise<T | undefined> {
    const answer = await this.#ask('GET', path);
    if (answer.status === 404) {
      answer.close();
      return undefined;
    }
    return this.#parsed(await this.#whole(answer), shapes[path]) as T;
  }

  /** An answer in a few plain words; `undefined` when the node has no such page. */
  async words(method: 'GET' | 'PUT', path: string): Promise<string | undefined> {
    const answer = await this.#ask(method, path);
    const said = await this.#whole(answer).catch((error: unknown) => {
      if (answer.status === 404 && isRefusal(error)) return undefined;
      throw error;
    });
    const isPlain = said === undefined || /^[\w ]{1,60}$/.test(said.trim());
    if (!isPlain) throw this.#unknown(`"${said.slice(0, 60)}"`);
    return said?.trim();
  }

  members(): Promise<MembersView> {
    return this.get<MembersView>('/cluster/members');
  }

  /** What the node says to a command, such as `Leaving pekko://…`. */
  async command(
    method: 'PUT' | 'POST' | 'DELETE',
    path: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const body = new URLSearchParams(fields).toString();
    const answer = this.#parsed(await this.#text(method, path, body), messageShape);
    return plain(String(Reflect.get(Object(answer), 'message')));
  }

  /**
   * Cluster events as they come, the first of them those that lead to where things stand; heartbeats are left out.
   * Resolves when the node has begun to answer. The connection ends with the generator, or when `stopped` does.
   */
  async events(stopped: AbortSignal): Promise<AsyncGenerator<EventView>> {
    const answer = await this.#ask('GET', '/cluster/domain-events', undefined, eventSilenceMs);
    if (answer.status !== 200) await this.#whole(answer);
    if (!answer.contentType.toLowerCase().startsWith(eventType)) {
      answer.close();
      throw this.#unknown(`something of type "${answer.contentType}"`);
    }
    if (stopped.aborted) answer.close();
    stopped.addEventListener('abort', answer.close, { once: true });
    return this.#eventsOf(answer);
  }

  async *#eventsOf(answer: DoorAnswer): AsyncGenerator<EventView> {
    let data = '';
    try {
      for await (const line of linesOf(answer.parts)) {
        if (line === undefined) throw this.#unknown('a line of events without an end');
        if (line !== '') data ||= /^data:(.*)$/.exec(line)?.[1]?.trim() ?? '';
        else if (data !== '') {
          const event = this.#parsed(withTextUids(data), eventShape) as EventView;
          data = '';
          yield event;
        }
      }
    } catch (error) {
      throw this.#silent(error);
    } finally {
      answer.close();
    }
  }

  async #text(method: string, path: string, body?: string): Promise<string> {
    return this.#whole(await this.#ask(method, path, body));
  }

  async #ask(method: string, path: string, body?: string, idleMs?: number): Promise<DoorAnswer> {
    const { door, credentials, timeoutMs, interrupted } = this.#options;
    const headers: Record<string, string> = { accept: '*/*' };
    if (credentials !== undefined) headers.authorization = credentials.header;
    if (body !== undefined) {
      headers['content-type'] = form;
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const url = new URL(this.base + path);
    try {
      return await door({
        method,
        url,
        headers,
        timeoutMs,
        signal: interrupted,
        ...(idleMs === undefined ? {} : { idleMs }),
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      throw this.#silent(error);
    }
  }

  async #whole(answer: DoorAnswer): Promise<string> {
    let text = '';
    try {
      for await (const part of answer.parts) {
        text += part;
        if (text.length > answerCharsMax) throw this.#unknown('more than any node has to say');
      }
    } catch (error) {
      throw this.#silent(error);
    }
    if (answer.status >= 200 && answer.status < 300) return text;
    const said = text.trim();
    if (isForeign(answer.status, said)) throw this.#unknown(`status ${answer.status}`);
    throw refusal(answer.status, said, this.base, this.#options.credentials);
  }

  #parsed(text: string, shape: z.ZodType): unknown {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.#unknown(`"${text.slice(0, 60)}"`, error);
    }
    const [issue] = shape.safeParse(value).error?.issues ?? [];
    if (issue === undefined) return value;
    const where = issue.path.join('.');
    const why = `${where === '' ? '' : `at "${where}": `}${issue.message}`;
    throw this.#unknown(`"${text.slice(0, 60)}" (${why})`);
  }

  #unknown(said: string, cause?: unknown): CliError {
    return new CliError(
      'CLI_ANSWER_UNKNOWN',
      `What answers at ${this.base} is not the management of a Parvi or Pekko node: it said ${said}; name one with --url or MANAGEMENT_URL`,
      cause,
    );
  }

  #silent(error: unknown): CliError {
    if (error instanceof CliError) return error;
    if (this.#options.interrupted.aborted) return new CliError('CLI_INTERRUPTED', 'Interrupted');
    const trouble = tlsTrouble(error, this.base);
    if (trouble !== undefined) return trouble;
    return new CliError(
      'CLI_UNREACHABLE',
      `No node answers at ${this.base}: ${errorLine(error)}; name its management server with --url or MANAGEMENT_URL, and see that the node was started with management`,
      error,
    );
  }
}

/** The lines of a text that comes in parts, each looked at once; `undefined` at the end of one that is too long. */
async function* linesOf(parts: AsyncIterable<string>): AsyncGenerator<string | undefined> {
  let line = '';
  for await (const part of parts) {
    const [first = '', ...others] = part.split('\n');
    line += first;
    for (const next of others) {
      yield line.replace(/\r$/, '');
      line = next;
    }
    if (line.length > lineCharsMax) yield undefined;
  }
}

/** Uids of 64 bits are numbers in events, and more than a number here holds; as text they stay whole. */
const withTextUids = (data: string): string => data.replace(/("longUid":\s*)(-?\d+)/g, '$1"$2"');

function baseOf(text: string): string {
  const isWhole = /^[a-z]+:\/\//i.test(text);
  const hasPort = /^(\[[^\]]*\]|[^:/]*):\d/.test(text);
  const withScheme = isWhole ? text : `http://${hasPort ? text : withUsualPort(text)}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CliError(
      'CLI_USAGE',
      `"${text}" is no address of a management server: write it like http://127.0.0.1:7626`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Of Pekko's management too. */
const withUsualPort = (text: string): string => text.replace(/^[^/]*/, (host) => `${host}:7626`);

/** Management refuses in plain words or by a `message`; pages and other documents are those of another service. */
function isForeign(status: number, text: string): boolean {
  if (status === 401 || status === 403) return false;
  if (/^[<{[]/.test(text)) return messageIn(text) === undefined;
  return status === 404 && !/^(The requested resource could not be found|Request is)/.test(text);
}

function refusal(status: number, text: string, base: string, sent?: Credentials): CliError {
  const said = messageIn(text) ?? text;
  const what = ((): string => {
    switch (status) {
      case 401:
        return credentialsWanted(sent);
      case 403:
        if (said.startsWith(forbiddenText)) return readOnly;
        return `it forbids it: ${said}`;
      case 405:
        return readOnly;
      default:
        return `status ${status}: ${said}`;
    }
  })();
  const Refusal = status === 401 ? CredentialsRefused : CliError;
  return new Refusal('CLI_REFUSED', `The node at ${base} refused: ${what}`);
}

const readOnly = 'it is read-only: start it with management.writes true, or ask another node';
/** As the routes of the log level say it, which are there for asking too. */
const forbiddenText = 'The request was a legal request, but the server is refusing';

const isRefusal = (error: unknown): boolean =>
  error instanceof CliError && error.code === 'CLI_REFUSED';

function credentialsWanted(sent: Credentials | undefined): string {
  if (sent === undefined) {
    return `it asks for credentials: set ${tokenVariable}, or ${passwordVariables}`;
  }
  const others = [tokenVariable, passwordVariables].filter((name) => name !== sent.source);
  const other = others.join(', or ');
  return `it does not take these credentials: correct ${sent.source}, or set ${other} if it wants these`;
}

function messageIn(text: string): string | undefined {
  try {
    const message: unknown = Reflect.get(Object(JSON.parse(text)), 'message');
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
