// The cluster's actors, at the paths where Pekko nodes look for them: `/system/cluster/core/daemon` with the seed
// processes and the heartbeat sender below it, and `/system/cluster/heartbeatReceiver`. They only pass on what they
// get; all that is decided is decided by the state machine.

import {
  type ActorContext,
  type ActorDefinition,
  type ActorRef,
  actor,
  stop,
} from '../../actor/index.ts';
import { assert } from '../../runtime/index.ts';
import { isWireMessage, parseActorPath } from '../../wire/index.ts';
import { messageFromWire } from '../messages.ts';
import type { ClusterActor, ClusterInput, Correspondent } from '../protocol.ts';

/** An input from inside this process. A class, so that no message from outside can pass for one. */
export class LocalInput {
  readonly input: ClusterInput;

  constructor(input: ClusterInput) {
    this.input = input;
  }
}

const end = Symbol('end of the cluster actors');

const isSeedProcess = (name: ClusterActor): boolean => name.includes('SeedNodeProcess');

/** Whoever sent a message, with the ref that answers go to. */
export interface RefCorrespondent extends Correspondent {
  readonly ref: ActorRef<unknown> | undefined;
}

export interface ActorsPorts {
  readonly feed: (input: ClusterInput) => void;
  readonly nowMs: () => number;
  readonly ownAddress: Correspondent['address'];
}

export class ClusterActors {
  readonly #ports: ActorsPorts;
  readonly #refs = new Map<ClusterActor, ActorRef<unknown>>();
  readonly #top: ActorRef<unknown>;
  readonly #early: ClusterInput[] = [];
  #daemon: ActorContext<unknown> | undefined;

  constructor(
    spawnSystem: (definition: ActorDefinition<unknown>, name: string) => ActorRef<unknown>,
    ports: ActorsPorts,
  ) {
    this.#ports = ports;
    this.#top = spawnSystem(this.#topActor(), 'cluster');
  }

  /** Puts an input into the daemon's mailbox, or aside until there is a daemon. */
  enqueue(input: ClusterInput): void {
    const daemon = this.#refs.get('daemon');
    if (daemon === undefined) this.#early.push(input);
    else daemon.tell(new LocalInput(input));
  }

  /** The ref in whose name that actor's messages go out. Seed processes come to life with their first message. */
  refOf(name: ClusterActor): ActorRef<unknown> {
    const known = this.#refs.get(name);
    if (known !== undefined) return known;
    const daemon = this.#daemon;
    assert(daemon !== undefined, `the daemon runs before ${name} is needed`);
    const ref = daemon.spawn(this.#relay(name), name);
    this.#refs.set(name, ref);
    return ref;
  }

  get hasSeedProcess(): boolean {
    return [...this.#refs.keys()].some(isSeedProcess);
  }

  /** The one at work, if any, stays. */
  stopSeedProcessesBut(current: ClusterActor | undefined): void {
    for (const [name, ref] of this.#refs) {
      if (!isSeedProcess(name) || name === current) continue;
      this.#refs.delete(name);
      ref.tell(end);
    }
  }

  stop(): void {
    this.#top.tell(end);
  }

  #topActor(): ActorDefinition<unknown> {
    return actor<unknown>(
      (context) => {
        this.#refs.set(
          'heartbeatReceiver',
          context.spawn(this.#relay('heartbeatReceiver'), 'heartbeatReceiver'),
        );
        context.spawn(this.#coreActor(), 'core');
        return { onMessage: (message) => (message === end ? stop() : undefined) };
      },
      { supervision: 'stop' },
    );
  }

  #coreActor(): ActorDefinition<unknown> {
    return actor<unknown>(
      (context) => {
        context.spawn(this.#daemonActor(), 'daemon');
        return { onMessage: () => undefined };
      },
      { supervision: 'resume' },
    );
  }

  #daemonActor(): ActorDefinition<unknown> {
    return actor<unknown>(
      (context) => {
        this.#daemon = context;
        this.#refs.set('daemon', context.self);
        const sender = context.spawn(this.#relay('heartbeatSender'), 'heartbeatSender');
        this.#refs.set('heartbeatSender', sender);
        this.#ports.feed({ type: 'start' });
        for (const input of this.#early.splice(0)) this.enqueue(input);
        return {
          onMessage: (message) => {
            if (message instanceof LocalInput) this.#ports.feed(message.input);
            else this.#receive('daemon', message, context.sender);
          },
        };
      },
      { supervision: 'resume' },
    );
  }

  #relay(name: ClusterActor): ActorDefinition<unknown> {
    return actor<unknown>(
      (context) => ({
        onMessage: (message) => {
          if (message === end) return stop();
          this.#receive(name, message, context.sender);
          return undefined;
        },
      }),
      { supervision: 'resume' },
    );
  }

  #receive(to: ClusterActor, message: unknown, sender: ActorRef<never> | undefined): void {
    if (!isWireMessage(message, 5)) return;
    this.#ports.feed({
      type: 'message',
      message: messageFromWire(message.message),
      sender: this.#correspondent(sender),
      to,
      receivedAtMs: this.#ports.nowMs(),
    });
  }

  #correspondent(sender: ActorRef<never> | undefined): RefCorrespondent {
    const { ownAddress } = this.#ports;
    if (sender === undefined) return { address: ownAddress, ref: undefined };
    const address = parseActorPath(sender.path).address ?? ownAddress;
    return { address, ref: sender as ActorRef<unknown> };
  }
}
