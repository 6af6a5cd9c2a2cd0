// Which controller takes the submission of an idempotency key when several have it at the same moment. One of those that
// are there keeps the key, by rendezvous hashing, so that all ask the same one; who was first holds it until its
// submission has ended, and the others wait for that, if not for ever.
//
// Promises one job while all controllers see the same members and the keeper answers within a second. Does not promise it
// beyond: a keeper that is silent, or of a version without keys, is not waited for, since a job twice is better than none.

import { createHash } from 'node:crypto';
import type { Clock, Timers } from 'parvi/runtime';
import type { ControllerLink } from './controller-link.ts';
import type { KeyWait } from './key-wait.ts';

/** The job that a key has become. */
export interface KeyedJob {
  readonly id: string;
  readonly digest: string | undefined;
}

export type KeyClaim =
  | { readonly state: 'yours' }
  | { readonly state: 'held' }
  | { readonly state: 'taken'; readonly job: KeyedJob };

/** What became of a wish for a key: the job it is already, or the right to submit, to be ended with the job if there is one. */
export type KeyWish =
  | { readonly job: KeyedJob }
  | { readonly job: undefined; readonly end: (job?: KeyedJob) => void };

/** A holder renews its claim long before it is over. */
const claimMs = 6000;
const renewMs = 2000;
/** By then all have heard of the job. */
const takenMs = 10_000;
const askAgainMs = 250;
const answerMsMax = 1000;
/** Claims that are kept; the oldest goes first. */
const claimsMax = 10_000;

interface Entry {
  readonly holder: string;
  readonly untilMs: number;
  readonly job: KeyedJob | undefined;
}

/** The keys that this controller keeps. */
export class KeyClaims {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a key, or renews the claim to it; `holder` is the address of a controller. */
  claim(key: string, holder: string): KeyClaim {
    const nowMs = this.#clock.nowMs();
    const known = this.#entries.get(key);
    if (known !== undefined && nowMs < known.untilMs) {
      if (known.job !== undefined) return { state: 'taken', job: known.job };
      if (known.holder !== holder) return { state: 'held' };
    }
    this.#set(key, { holder, untilMs: nowMs + claimMs, job: undefined });
    return { state: 'yours' };
  }

  /** The submission of the holder has ended; without a job the key is free. */
  end(key: string, holder: string, job: KeyedJob | undefined): void {
    if (job !== undefined) {
      this.#set(key, { holder, untilMs: this.#clock.nowMs() + takenMs, job });
    } else if (this.#entries.get(key)?.holder === holder) this.#entries.delete(key);
  }

  /** A controller is gone, and what it was about to take. */
  holderGone(holder: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.holder === holder) this.#entries.delete(key);
    }
  }

  #set(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [old, { untilMs }] of this.#entries) {
      if (this.#entries.size <= claimsMax && untilMs > this.#clock.nowMs()) break;
      this.#entries.delete(old);
    }
  }
}

export interface KeyWishPorts {
  readonly timers: Timers;
  readonly selfAddress: string;
  /** The other controllers that take jobs. */
  readonly links: () => readonly ControllerLink[];
  readonly claims: KeyClaims;
}

/**
 * Waits until the key is free or has become a job. `known`: the job as far as this controller has heard of it; it throws
 * to end the wait.
 *
 * @throws GridError `IDEMPOTENCY_KEY_BUSY` when another holds the key for longer than `wait` lasts
 */
export async function wishForKey(
  key: string,
  known: () => KeyedJob | undefined,
  wait: KeyWait,
  ports: KeyWishPorts,
): Promise<KeyWish> {
  for (;;) {
    const claim = await askKeeper(key, ports);
    try {
      const job = known() ?? (claim.state === 'taken' ? claim.job : undefined);
      if (job !== undefined) {
        if (claim.state === 'yours') tellEnd(key, undefined, ports);
        return { job };
      }
    } catch (error) {
      if (claim.state === 'yours') tellEnd(key, undefined, ports);
      throw error;
    }
    if (claim.state === 'yours') return held(key, ports);
    await wait.until(new Promise<void>((resolve) => void ports.timers.after(askAgainMs, resolve)));
  }
}

/** Also a keeper that came since is told by renewing. */
function held(key: string, ports: KeyWishPorts): KeyWish {
  const renewing = ports.timers.every(renewMs, () => void askKeeper(key, ports));
  const end = (job?: KeyedJob): void => {
    renewing.cancel();
    tellEnd(key, job, ports);
  };
  return { job: undefined, end };
}

async function askKeeper(key: string, ports: KeyWishPorts): Promise<KeyClaim> {
  const { claims, selfAddress, timers } = ports;
  const keeper = keeperOf(key, ports);
  if (keeper === undefined) return claims.claim(key, selfAddress);
  const silence = Promise.withResolvers<undefined>();
  const limit = timers.after(answerMsMax, () => silence.resolve(undefined));
  const asking = keeper.ask({ kind: 'claimKey', job: key, holder: selfAddress });
  const answer = await Promise.race([asking.catch(() => undefined), silence.promise]);
  limit.cancel();
  return answer?.ok === true && isClaim(answer.value) ? answer.value : { state: 'yours' };
}

function tellEnd(key: string, taken: KeyedJob | undefined, ports: KeyWishPorts): void {
  const { claims, selfAddress } = ports;
  const keeper = keeperOf(key, ports);
  if (keeper === undefined) claims.end(key, selfAddress, taken);
  else {
    const query = { kind: 'endKey', job: key, holder: selfAddress } as const;
    // Unheard, the claim ends by itself.
    keeper.ask(taken === undefined ? query : { ...query, taken }).catch(() => undefined);
  }
}

/** The other controller that keeps the key; `undefined` when this one does. */
function keeperOf(
  key: string,
  { links, selfAddress }: Pick<KeyWishPorts, 'links' | 'selfAddress'>,
): ControllerLink | undefined {
  const weight = (address: string): string =>
    createHash('sha256').update(`${address}\n${key}`).digest('hex');
  let keeper: ControllerLink | undefined;
  let most = weight(selfAddress);
  for (const link of links()) {
    const own = weight(link.address);
    if (own <= most || !link.isReachable()) continue;
    most = own;
    keeper = link;
  }
  return keeper;
}

function isClaim(value: unknown): value is KeyClaim {
  return ['yours', 'held', 'taken'].includes(String(Reflect.get(Object(value), 'state')));
}
