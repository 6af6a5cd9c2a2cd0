// A node as the command sees it, in memory: answers what a test wants it to, and keeps what it was asked.

import {
  type CheckedNode,
  type CliPorts,
  type NodeKnowledge,
  type NodePlan,
  runCommand,
} from '../../src/cli/index.ts';
import { ManualTime } from '../../src/testkit/index.ts';

type Door = ReturnType<CliPorts['openDoor']>;
type DoorRequest = Parameters<Door>[0];

/** What the node answers: JSON with status 200, or what is said here. */
export class Raw {
  readonly status: number;
  readonly parts: readonly string[];
  readonly contentType: string = 'text/event-stream;charset=utf-8';

  constructor(status: number, ...parts: readonly string[]) {
    this.status = status;
    this.parts = parts;
  }
}

/** An answer that does not end by itself. */
export class Lasting extends Raw {}

/** Thrown by a reply: nobody answers. */
export const silence = new Error('connect ECONNREFUSED 127.0.0.1:7626');

export const address = (n: number): string => `pekko://shop@10.0.0.${n}:25520`;

/** Members at 10.0.0.1 and on, the first of which is asked. */
export function view(statuses: readonly string[], unreachable: readonly number[] = []) {
  return {
    selfNode: address(1),
    members: statuses.map((status, i) => ({
      node: address(i + 1),
      nodeUid: String(i + 1),
      status,
      roles: [i === 0 ? 'ctrl' : 'valeng', 'dc-default'],
    })),
    unreachable: unreachable.map((n) => ({ node: address(n), observedBy: [address(1)] })),
    leader: address(1),
    oldest: address(1),
  };
}

export class FakeNode {
  readonly time = new ManualTime();
  interrupted = new AbortController();
  /** A real way out instead of the replies. */
  door: Door | undefined;
  /** Method, path and body of each request. */
  readonly asked: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** By method and path; a function is asked each time. */
  replies: Record<string, unknown> = {};
  environment: Record<string, string> = {};
  /** Texts by path. */
  files: Record<string, string> = {};
  isTerminal = false;
  /** What the person types. */
  typed: string | undefined;
  plan: NodePlan | undefined;
  /** What `config check` finds. */
  checked: CheckedNode | undefined;
  nodeProblem: string | undefined;
  planning: () => NodePlan | undefined = () => this.plan;
  net: NodeKnowledge['net'] = {
    addresses: async (name) => [name],
    listenProblem: async () => undefined,
    connectProblem: async () => undefined,
  };
  out = '';
  error = '';

  /** Runs a command to its end, however long it waits; its exit code. */
  async run(...words: readonly string[]): Promise<number> {
    this.out = '';
    this.error = '';
    let code: number | undefined;
    const running = runCommand(words, this.#ports(), this.#knowledge()).then((ended) => {
      code = ended;
    });
    for (
      let turns = 0;
      code === undefined && (turns < 10_000 || this.door !== undefined);
      turns++
    ) {
      if (this.door === undefined) await this.time.advanceAsync(50);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    return code ?? -1;
  }

  #read(path: string): string {
    const text = this.files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  }

  #ports(): CliPorts {
    const { typed } = this;
    return {
      out: {
        isTTY: this.isTerminal,
        write: (text) => {
          this.out += String(text);
        },
      },
      error: {
        write: (text) => {
          this.error += String(text);
        },
      },
      environment: this.environment,
      clock: this.time.clock,
      timers: this.time.timers,
      readText: (path) => this.#read(path),
      readSecret: (path) => this.#read(path),
      openDoor: () => this.door ?? ((request) => this.#answer(request)),
      interrupted: this.interrupted.signal,
      ...(typed === undefined ? {} : { question: async () => typed }),
    };
  }

  #knowledge(): NodeKnowledge {
    const { net } = this;
    return {
      net,
      plan: async () => {
        const plan = this.planning();
        if (plan === undefined) throw new Error('nobody planned a node');
        return plan;
      },
      options: async () => {
        if (this.checked === undefined) throw new Error('nobody asked for options');
        return this.checked;
      },
      nodeProblem: async () => this.nodeProblem,
    };
  }

  async #answer({ method, url, headers, body }: DoorRequest): ReturnType<Door> {
    const key = `${method} ${decodeURIComponent(url.pathname)}`;
    this.asked.push([key + url.search, body].filter(Boolean).join(' '));
    this.authorizations.push(headers.authorization);
    const reply = this.replies[key];
    const told: unknown = typeof reply === 'function' ? reply() : reply;
    const raw =
      told instanceof Raw
        ? told
        : told === undefined
          ? new Raw(404, 'The requested resource could not be found.')
          : new Raw(200, JSON.stringify(told));
    const closed = Promise.withResolvers<void>();
    return {
      status: raw.status,
      contentType: key.endsWith('/domain-events') ? raw.contentType : 'application/json',
      parts: (async function* () {
        yield* raw.parts;
        if (raw instanceof Lasting) await closed.promise;
      })(),
      close: closed.resolve,
    };
  }
}
