// What the tests can have a Parvi node do; the node of the JVM does the same (Commands.java).

import { type ActorRef, type ActorSystem, type Cluster, clusterOf } from 'parvi';
import type { ClusterState, Member } from 'parvi/cluster';
import { type Remoting, remotingOf } from 'parvi/remote';
import {
  echo,
  type Flood,
  flooder,
  fragile,
  type ProbeOrder,
  probe,
  sink,
  type TypedCommand,
  tallies,
  typed,
} from './node-actors.ts';
import { fromJson, toJson, type Value, writeLine } from './values.ts';

export interface Command {
  readonly id: number;
  readonly do: string;
  readonly to?: string;
  readonly value?: Value;
  readonly name?: string;
  readonly kind?: string;
  readonly address?: string;
  readonly uid?: string;
  readonly count?: number;
  readonly text?: string;
  readonly n?: string;
  readonly format?: string;
  readonly timeoutMs?: number;
}

type Reply = Readonly<Record<string, unknown>>;
type Work = (command: Command) => Reply | Promise<Reply>;

const nothing: Reply = {};

export class NodeCommands {
  readonly #system: ActorSystem;
  readonly #cluster: Cluster;
  readonly #remoting: Remoting;
  readonly #probe: ActorRef<unknown>;
  readonly #flooder: ActorRef<unknown>;
  readonly #work: Readonly<Record<string, Work>>;

  constructor(system: ActorSystem) {
    const remoting = remotingOf(system);
    if (remoting === undefined) throw new Error('Cannot drive a node without remoting');
    this.#system = system;
    this.#cluster = clusterOf(system);
    this.#remoting = remoting;
    this.#probe = system.spawn(probe, 'probe');
    this.#flooder = system.spawn(flooder, 'flooder');
    system.spawn(echo, 'echo');
    system.spawn(typed, 'typed');
    this.#work = { ...this.#clusterWork(), ...this.#messageWork() };
  }

  run(line: string): void {
    const command = JSON.parse(line) as Command;
    const work = this.#work[command.do];
    const answer = (reply: Reply) => writeLine({ reply: command.id, ...reply });
    if (work === undefined) {
      answer({ error: `unknown command ${command.do}` });
      return;
    }
    const { tracing } = this.#system;
    const done = async () => work(command);
    // A command is the beginning of a trace, as a request is to a server.
    const outcome = tracing === undefined ? done() : tracing.span({ name: command.do }, done);
    outcome.then(answer, (error: unknown) => answer({ error: String(error) }));
  }

  #clusterWork(): Readonly<Record<string, Work>> {
    const cluster = this.#cluster;
    const did = (work: (command: Command) => void): Work => {
      return (command) => {
        work(command);
        return nothing;
      };
    };
    return {
      state: () => stateLine(cluster.state),
      join: did(({ address = '' }) => cluster.join(address)),
      leave: did(({ address }) => cluster.leave(address)),
      down: did(({ address = '' }) => cluster.down(address)),
      prepare: did(() => cluster.prepareForFullShutdown()),
      shutdown: did(() => {
        this.#system.terminate().catch(() => undefined);
      }),
      quarantine: did(({ address = '', uid = '0' }) => {
        const peer = this.#remoting
          .associations()
          .find(({ address: known }) => address.endsWith(`@${known.host}:${known.port}`));
        if (peer === undefined) throw new Error(`Cannot quarantine ${address}: it is not known`);
        const unique = { address: peer.address, uid: BigInt(uid) };
        this.#remoting.quarantine(unique, 'the test says so');
      }),
      memory: () => ({ heapBytes: process.memoryUsage().heapUsed }),
      remoting: () => ({
        compressedFramesReceived: this.#remoting.telemetry.compressedFramesReceived,
        quarantines: this.#remoting.telemetry.quarantines,
        tables: this.#remoting.associations().map(({ address, compression }) => ({
          address: address.host,
          ...compression,
        })),
      }),
    };
  }

  #messageWork(): Readonly<Record<string, Work>> {
    const system = this.#system;
    return {
      spawn: ({ name = '', kind }) => {
        const made = kind === 'sink' ? sink(name) : kind === 'fragile' ? fragile : echo;
        return { ref: system.spawn(made, name).path };
      },
      stop: ({ name }) => {
        system.stop(system.resolve(`pekko://${system.name}/user/${name}`));
        return nothing;
      },
      tell: (command) => {
        this.#target(command).tell(this.#value(command), this.#probe);
        return nothing;
      },
      select: (command) => {
        system.select(command.to ?? '').tell(this.#value(command), this.#probe);
        return nothing;
      },
      count: ({ name = '' }) => ({ ...tallies.get(name) }),
      watch: (command) => this.#order('watch', command),
      unwatch: (command) => this.#order('unwatch', command),
      ask: async (command) => {
        const timeout = command.timeoutMs ?? 30_000;
        const reply = await this.#target(command).ask<unknown>(() => this.#value(command), {
          timeout,
        });
        return { value: toJson(reply) };
      },
      identify: async ({ to = '', timeoutMs = 30_000 }) => {
        const ref = await system.select(to).resolveOne({ timeout: timeoutMs });
        return { ref: ref.path };
      },
      flood: (command) => this.#flood(command),
      ping: (command) => this.#ping(command),
    };
  }

  #flood(command: Command): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const { count = 0 } = command;
    const done = () => resolve(nothing);
    const flood: Flood = { type: 'flood', target: this.#target(command), count, done };
    this.#flooder.tell(flood);
    return promise;
  }

  async #ping(command: Command): Promise<Reply> {
    const { text = '', n = '0', format, timeoutMs = 30_000 } = command;
    const target = this.#target(command) as ActorRef<TypedCommand>;
    const type = format === 'json' ? 'jsonPing' : 'ping';
    const pong = await target.ask<{ text: string; n: bigint | number }>(
      (replyTo) => ({ type, text, n: BigInt(n), replyTo: replyTo as ActorRef<unknown> }),
      { timeout: timeoutMs },
    );
    return { text: pong.text, n: String(pong.n) };
  }

  #order(type: ProbeOrder['type'], command: Command): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const order: ProbeOrder = { type, ref: this.#target(command), done: () => resolve(nothing) };
    this.#probe.tell(order);
    return promise;
  }

  #target({ to = '' }: Command): ActorRef<unknown> {
    return this.#system.resolve(to);
  }

  #value({ value }: Command): unknown {
    if (value === undefined) throw new Error('Cannot send nothing: the command has no value');
    return fromJson(value, (path) => this.#system.resolve(path));
  }
}

/** The same fields, in the same order, as `ClusterLines.java`. */
function stateLine(state: ClusterState): Reply {
  const members = [...state.members].sort((a, b) =>
    a.node.addressKey < b.node.addressKey ? -1 : 1,
  );
  return {
    members: members.map(({ node, status, appVersion, roles }) => ({
      address: node.addressKey,
      uid: String(node.uid),
      status,
      appVersion,
      roles: [...roles].sort(),
    })),
    unreachable: state.unreachable.map(({ node }) => node.addressKey).sort(),
    leader: state.leader?.addressKey ?? null,
    oldest: oldestOf(members)?.node.addressKey ?? null,
    seenBy: state.seenBy.map(({ addressKey }) => addressKey).sort(),
  };
}

function oldestOf(members: readonly Member[]): Member | undefined {
  return members
    .filter(({ status }) => status !== 'Joining' && status !== 'WeaklyUp')
    .reduce<Member | undefined>(
      (oldest, member) =>
        oldest === undefined || member.upNumber < oldest.upNumber ? member : oldest,
      undefined,
    );
}
