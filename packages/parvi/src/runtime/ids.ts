// Identifiers: incarnation numbers of systems and actors, and the short counters of temporary actors.

import { randomUUID } from 'node:crypto';
import { type Random, randomInt64 } from './random.ts';

/** A new incarnation number of an actor system: signed 64 bits, never 0 (0 means "unknown" in logs). */
export function newSystemUid(random: Random): bigint {
  for (;;) {
    const uid = randomInt64(random);
    if (uid !== 0n) return uid;
  }
}

/** A new incarnation number of an actor: signed 32 bits, never 0 (0 means "any incarnation" in a path). */
export function newActorUid(random: Random): number {
  for (;;) {
    const uid = random.uint32() | 0;
    if (uid !== 0) return uid;
  }
}

const base64Digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~';

/**
 * The counter text of generated actor names, least significant digit first, as Pekko's `Helpers.base64` writes it:
 * 0 is `a`, 63 is `~`, 64 is `ab`.
 */
export function base64Counter(value: number): string {
  let rest = value;
  let text = '';
  do {
    text += base64Digits[rest % 64];
    rest = Math.floor(rest / 64);
  } while (rest > 0);
  return text;
}

/** A random identifier that is unique across nodes and restarts; for jobs and requests. */
export function newUuid(): string {
  return randomUUID();
}
