// The actors of a Parvi node in the tests; those of the JVM node behave alike (Actors.java).

import { type ActorDefinition, ActorRef, actor, stop } from 'parvi';
import { toJson, writeLine } from './values.ts';

/** What a sink has received. */
export interface Tally {
  received: number;
  inOrder: boolean;
}

export const tallies = new Map<string, Tally>();
const batch = 1000;

/** Answers each message with itself. */
export const echo: ActorDefinition<unknown> = actor<unknown>((context) => ({
  onMessage(message) {
    if (message === 'crash') throw new Error('told to crash');
    if (message === 'stop') return stop();
    (context.sender as ActorRef<unknown> | undefined)?.tell(message, context.self);
    return undefined;
  },
}));

/** A parent whose child ends when it fails. */
export const fragile: ActorDefinition<unknown> = actor<unknown>((context) => {
  const child = context.spawn(echo.with({ supervision: 'stop' }), 'child');
  return { onMessage: (message) => child.tell(message, context.sender) };
});

/** Counts numbers that come in order from 0, and confirms every thousandth; answers a text with its length. */
export function sink(name: string): ActorDefinition<unknown> {
  return actor<unknown>((context) => {
    const tally: Tally = { received: 0, inOrder: true };
    tallies.set(name, tally);
    return {
      onMessage(message) {
        const sender = context.sender as ActorRef<unknown> | undefined;
        if (typeof message === 'number' && message !== tally.received) tally.inOrder = false;
        tally.received++;
        if (typeof message === 'string') sender?.tell(message.length, context.self);
        else if (tally.received % batch === 0) sender?.tell(message, context.self);
      },
    };
  });
}

export interface Flood {
  readonly type: 'flood';
  readonly target: ActorRef<unknown>;
  readonly count: number;
  readonly done: () => void;
}

/** Sends numbers to a sink, two batches ahead of what it has confirmed. */
export const flooder: ActorDefinition<unknown> = actor<unknown>((context) => {
  let flood: Flood | undefined;
  let sent = 0;
  const send = (): void => {
    if (flood === undefined) return;
    const end = Math.min(flood.count, sent + batch);
    while (sent < end) flood.target.tell(sent++, context.self);
  };
  return {
    onMessage(message) {
      if (typeof message === 'number') {
        if (message === (flood?.count ?? 0) - 1) flood?.done();
        else send();
        return;
      }
      flood = message as Flood;
      sent = 0;
      send();
      send();
    },
  };
});

export type ProbeOrder = {
  readonly type: 'watch' | 'unwatch';
  readonly ref: ActorRef<never>;
  readonly done: () => void;
};

/** Watches, and tells what it sees as lines. Also the sender of messages that are told. */
export const probe: ActorDefinition<unknown> = actor<unknown>((context) => ({
  onMessage(message) {
    const order = message as Partial<ProbeOrder> | string | null;
    if (typeof order === 'object' && order?.ref instanceof ActorRef && order.done !== undefined) {
      if (order.type === 'watch') context.watch(order.ref);
      else context.unwatch(order.ref);
      order.done();
      return;
    }
    writeLine({ event: 'received', value: toJson(message) });
  },
  onTerminated(ref, how) {
    writeLine({ event: 'terminated', ref: ref.path, ...how });
  },
}));

export type TypedCommand =
  | { type: 'ping'; text: string; n: bigint | number; replyTo: ActorRef<unknown> }
  | { type: 'jsonPing'; text: string; n: bigint | number; replyTo: ActorRef<unknown> };

export const typed: ActorDefinition<TypedCommand> = actor<TypedCommand>(() => ({
  ping: ({ text, n, replyTo }) =>
    replyTo.tell({ type: 'pong', text: `pong:${text}`, n: BigInt(n) + 1n }),
  jsonPing: ({ text, n, replyTo }) =>
    replyTo.tell({ type: 'jsonPong', text: `pong:${text}`, n: BigInt(n) + 1n }),
}));
