// One life of remoting from its seed: real actor systems over a network in memory that breaks, slows down and is cut;
// peers that restart at their address or are quarantined. What must hold is checked as messages arrive and at the end.

import { type ActorRef, ActorSystem, actor, type Termination } from '../../src/actor/index.ts';
import { memoryLog } from '../../src/observe/index.ts';
import { MemoryNetwork, Remoting, type RemotingEvent } from '../../src/remote/index.ts';
import { SystemInbox } from '../../src/remote/system-inbox.ts';
import {
  type Random,
  randomFloat,
  randomInt,
  randomPick,
  seededRandom,
} from '../../src/runtime/index.ts';
import { InvariantViolation, ManualTime } from '../../src/testkit/index.ts';
import { ProcessGate } from '../../src/testkit/process-gate.ts';

interface Note {
  readonly from: string;
  readonly number: number;
}

/** One incarnation of a node. */
interface Node {
  readonly host: string;
  readonly system: ActorSystem;
  readonly remoting: Remoting;
  readonly gate: ProcessGate;
  /** Its name in notes: host and uid. */
  readonly name: string;
  readonly ledger: ActorRef<Note>;
  /** Names of incarnations that it has quarantined. */
  readonly banned: Set<string>;
  readonly watches: Watch[];
}

interface Watch {
  readonly subject: ActorRef<never>;
  readonly of: Node;
  readonly ends: Termination[];
}

const hosts = ['alpha', 'beta', 'gamma'] as const;
const port = 25520;
const quarantineReason = 'for the test';
const mortal = actor<{ readonly type: 'nothing' }>(() => ({ nothing: () => undefined }));

/** Numbers of system messages that were taken, by receiving and sending incarnation; set while a life runs. */
let onSystemMessage: ((owner: SystemInbox, uid: bigint, number: number) => void) | undefined;
const deliver = SystemInbox.prototype.deliver;
SystemInbox.prototype.deliver = function tapped(inbox, envelope, recipient) {
  onSystemMessage?.(this, inbox.uid, envelope.seqNo);
  return deliver.call(this, inbox, envelope, recipient);
};

/** @throws InvariantViolation */
export async function runRemotingLife(seed: number, steps = 40): Promise<{ messages: number }> {
  const life = new RemotingLife(seed);
  try {
    for (const host of hosts) await life.start(host);
    for (let step = 0; step < steps; step++) await life.step();
    return await life.end();
  } finally {
    onSystemMessage = undefined;
  }
}

class RemotingLife {
  readonly #time = new ManualTime();
  readonly #random: Random;
  readonly #network: MemoryNetwork;
  readonly #nodes = new Map<string, Node>();
  readonly #taken = new WeakMap<SystemInbox, Map<bigint, number>>();
  /** Numbers of notes to incarnations that their sender had quarantined. */
  readonly #refused = new Set<number>();
  #violation: InvariantViolation | undefined;
  #seed: number;
  #messages = 0;
  #names = 0;

  constructor(seed: number) {
    this.#seed = seed * 1000;
    this.#random = seededRandom(seed);
    this.#network = new MemoryNetwork({
      runtime: this.#time.runtime(),
      random: this.#random,
      delayMs: { min: 0, max: 5 },
    });
    onSystemMessage = (owner, uid, number) => this.#systemMessage(owner, uid, number);
  }

  async start(host: string): Promise<void> {
    const gate = new ProcessGate(this.#time.runtime({ seed: this.#seed++ }));
    const ports = { runtime: gate.runtime, log: memoryLog('error').logger };
    const system = ActorSystem.create({ name: 'sys', deadLetters: { logMax: 0 } }, ports);
    const transport = this.#network.transport(host);
    const starting = Remoting.start(system, { host, port, transport });
    await this.#time.settleAsync();
    const remoting = await starting;
    const name = `${host}#${remoting.uid}`;
    const banned = new Set<string>();
    remoting.onEvent((event) => {
      if (event.type === 'quarantined') this.#quarantined(name, banned, event);
    });
    const ledger = system.spawn(this.#ledgerOf(name, banned), 'ledger');
    const watches: Watch[] = [];
    this.#nodes.set(host, { host, system, remoting, gate, name, ledger, banned, watches });
    await this.#time.settleAsync();
  }

  /** A little traffic, now and then a fault, and some time. */
  async step(): Promise<void> {
    const random = this.#random;
    for (let count = randomInt(random, 12); count > 0; count--) this.#tell(this.#two());
    for (let count = randomInt(random, 5); count > 1; count--) this.#watch();
    if (randomInt(random, 3) === 0) this.#stopSomebody();
    if (randomInt(random, 3) === 0) await this.#fault();
    await this.#pass(randomFloat(random) * 3000);
  }

  async end(): Promise<{ messages: number }> {
    this.#network.heal();
    this.#network.delay({ min: 0, max: 5 });
    await this.#pass(60_000);
    for (const node of this.#nodes.values()) this.#mustHaveHeardOfAllEnds(node);
    for (const node of this.#nodes.values()) this.#mustHaveNothingLeft(node);
    for (const { system } of this.#nodes.values()) system.terminate().catch(() => undefined);
    await this.#pass(5000);
    return { messages: this.#messages };
  }

  #ledgerOf(name: string, banned: ReadonlySet<string>) {
    /** By sender: the number that came last. */
    const heard = new Map<string, number>();
    return actor<Note>(() => ({
      onMessage: ({ from, number }) => {
        const last = heard.get(from) ?? 0;
        if (this.#refused.has(number)) {
          this.#violated('the banned are told nothing', `${name} hears ${from}`);
        }
        if (banned.has(from)) this.#violated('the banned are not heard', `${name} hears ${from}`);
        if (number <= last) {
          const detail = `${name} gets ${number} of ${from} after ${last}`;
          this.#violated('messages arrive in order and once', detail);
        }
        heard.set(from, number);
      },
    }));
  }

  #tell([from, to]: readonly [Node, Node]): void {
    const ref = from.system.resolve(to.ledger.path) as ActorRef<Note>;
    const number = ++this.#messages;
    if (from.banned.has(to.name)) this.#refused.add(number);
    ref.tell({ from: from.name, number });
  }

  #watch(): void {
    const [watcher, other] = this.#two();
    const subject = other.system.spawn(mortal, `mortal-${this.#names++}`);
    const far = watcher.system.resolve(subject.path) as ActorRef<never>;
    const ends: Termination[] = [];
    watcher.system.spawn(
      actor<never>((context) => {
        context.watch(far);
        return {
          onMessage: () => undefined,
          onTerminated: (_, how) => {
            ends.push(how);
          },
        };
      }),
      `watcher-${this.#names++}`,
    );
    watcher.watches.push({ subject, of: other, ends });
  }

  #stopSomebody(): void {
    const watches = [...this.#nodes.values()].flatMap((node) => node.watches);
    const alive = watches.filter(({ of, subject }) => this.#runs(of) && !subject.isStopped);
    if (alive.length === 0) return;
    const { of, subject } = randomPick(this.#random, alive);
    of.system.stop(subject);
  }

  async #fault(): Promise<void> {
    const random = this.#random;
    const [one, other] = this.#two();
    switch (randomInt(random, 7)) {
      case 0:
      case 1:
        await this.#pass(randomInt(random, 8));
        this.#network.breakLinks(one.host, other.host);
        return;
      case 2:
        this.#network.cut(one.host, other.host);
        await this.#pass(randomFloat(random) * 4000);
        this.#network.heal();
        return;
      case 3:
        this.#network.delay({ min: 0, max: randomFloat(random) * 400 });
        return;
      case 4:
        this.#network.cut(one.host, other.host);
        this.#network.cut(other.host, one.host);
        await this.#pass(randomFloat(random) * 3000);
        this.#network.breakLinks(one.host, other.host);
        this.#network.heal();
        return;
      case 5: {
        const { address, uid } = other.remoting;
        one.remoting.quarantine({ address, uid }, quarantineReason);
        for (let count = 0; count < 3; count++) {
          this.#tell([one, other]);
          this.#tell([other, one]);
          await this.#pass(20);
        }
        await this.#pass(randomFloat(random) * 2000);
        await this.#restart(other);
        return;
      }
      default:
        await this.#restart(other);
    }
  }

  async #restart(node: Node): Promise<void> {
    node.gate.end();
    this.#network.crash(node.host);
    this.#nodes.delete(node.host);
    await this.#pass(randomFloat(this.#random) * 2000);
    await this.start(node.host);
  }

  #systemMessage(owner: SystemInbox, uid: bigint, number: number): void {
    const byUid = this.#taken.get(owner) ?? new Map<bigint, number>();
    this.#taken.set(owner, byUid);
    const last = byUid.get(uid) ?? 0;
    if (number !== last + 1) {
      const detail = `number ${number} of ${uid} comes after ${last}`;
      this.#violated('system messages arrive in order and once', detail);
    }
    byUid.set(uid, number);
  }

  #quarantined(
    name: string,
    banned: Set<string>,
    { peer, reason }: Extract<RemotingEvent, { type: 'quarantined' }>,
  ): void {
    const other = `${peer.address.host}#${peer.uid}`;
    banned.add(other);
    if (reason === quarantineReason || this.#nodes.get(peer.address.host)?.name !== other) return;
    this.#violated('nobody who lives is quarantined', `${name} bans ${other}: ${reason}`);
  }

  #mustHaveHeardOfAllEnds(node: Node): void {
    for (const { subject, of, ends } of node.watches) {
      const isOver = subject.isStopped || !this.#runs(of) || node.banned.has(of.name);
      const enough = isOver ? ends.length === 1 : ends.length <= 1;
      if (enough) continue;
      const detail = `${node.name} heard ${ends.length} times of the end of ${subject.path}`;
      throw new InvariantViolation('an end is told exactly once', detail);
    }
  }

  #mustHaveNothingLeft(node: Node): void {
    for (const view of node.remoting.associations()) {
      if (view.quarantined !== undefined || view.unacknowledgedSystemMessages === 0) continue;
      const detail = `${node.name} waits for ${view.unacknowledgedSystemMessages} of ${view.address.host}`;
      throw new InvariantViolation('system messages are acknowledged in the end', detail);
    }
  }

  #runs(node: Node): boolean {
    return this.#nodes.get(node.host) === node;
  }

  #two(): [Node, Node] {
    const all = [...this.#nodes.values()];
    const one = randomPick(this.#random, all);
    return [
      one,
      randomPick(
        this.#random,
        all.filter((each) => each !== one),
      ),
    ];
  }

  async #pass(ms: number): Promise<void> {
    await this.#time.advanceAsync(ms);
    await this.#time.settleAsync();
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Remembered, since what an actor throws ends with its supervision. */
  #violated(invariant: string, detail: string): void {
    this.#violation ??= new InvariantViolation(invariant, detail);
  }
}
