// Clients that read again and again, each on a connection of its own, and what became of every request.

import { Agent, request } from 'node:http';

export interface Failure {
  readonly atMs: number;
  readonly path: string;
  readonly what: string;
}

export interface ReadOutcome {
  readonly requests: number;
  readonly failures: readonly Failure[];
  readonly seconds: number;
  readonly slowestMs: number;
}

export interface ReadLoadOptions {
  readonly url: string;
  /** Below the URL; each client goes through them in turn. */
  readonly paths: readonly string[];
  readonly connections: number;
}

/** A request whose answer is not whole within this time has failed. */
const answerMsMax = 20_000;

export class ReadLoad {
  readonly #options: ReadLoadOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  readonly #failures: Failure[] = [];
  readonly #startMs = performance.now();
  readonly #clients: Promise<void>[];
  #requests = 0;
  #slowestMs = 0;
  #stopping = false;

  constructor(options: ReadLoadOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.connections }, (_, i) => this.#client(i));
  }

  get requests(): number {
    return this.#requests;
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** Lets the requests under way end. */
  async stop(): Promise<ReadOutcome> {
    this.#stopping = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return {
      requests: this.#requests,
      failures: this.#failures,
      seconds: (performance.now() - this.#startMs) / 1000,
      slowestMs: this.#slowestMs,
    };
  }

  async #client(index: number): Promise<void> {
    const { paths } = this.#options;
    for (let i = index; !this.#stopping; i++) {
      const path = paths[i % paths.length] ?? '';
      const fromMs = performance.now();
      const what = await this.#read(path);
      this.#requests++;
      const tookMs = performance.now() - fromMs;
      this.#slowestMs = Math.max(this.#slowestMs, tookMs);
      if (what !== undefined) this.#failures.push({ atMs: performance.now(), path, what });
    }
  }

  /** What is wrong with the answer, if anything is. */
  #read(path: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const options = { agent: this.#agent, timeout: answerMsMax };
    const sent = request(`${this.#options.url}${path}`, options, (answer) => {
      let bytes = 0;
      let start = '';
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (answer.statusCode !== 200) start += chunk.toString().slice(0, 500);
      });
      answer.once('error', (error) => resolve(`broke off: ${error.message}`));
      answer.once('end', () => {
        const isGood = answer.statusCode === 200 && answer.complete && bytes > 0;
        resolve(isGood ? undefined : `status ${answer.statusCode}, ${bytes} bytes: ${start}`);
      });
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', (error) => resolve(error.message));
    sent.end();
    return promise;
  }
}
