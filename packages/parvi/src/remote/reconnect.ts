// When to dial again after a connection failed or ended. Pure; chance is handed in with the event.
//
// Control streams try for ever, because system messages must arrive or end in quarantine. Ordinary and large streams
// give up after a few quick failures: what waits becomes dead letters and the next message dials again.
// Source: Pekko `ArteryTcpTransport` (RestartFlow with back-off).

export interface ReconnectLimits {
  /** First wait; doubled with each failure. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Share of the wait that chance may add, 0.1 for up to 10 %. */
  readonly jitter: number;
  /** Attempts after which the stream gives up; `Infinity` for control streams. */
  readonly restartsMax: number;
  /** An attempt that lasted longer than this clears the count of failures. */
  readonly stableAfterMs: number;
}

export interface Reconnect {
  readonly failures: number;
}

export const noFailures: Reconnect = { failures: 0 };

export type ReconnectStep =
  | { readonly state: Reconnect; readonly action: 'dial-after'; readonly delayMs: number }
  | { readonly state: Reconnect; readonly action: 'give-up' };

/** A connection ended `lastedMs` after it was dialled. `chance` is uniform in [0, 1). */
export function afterConnectionEnd(
  state: Reconnect,
  event: { readonly lastedMs: number; readonly chance: number },
  limits: ReconnectLimits,
): ReconnectStep {
  const before = event.lastedMs > limits.stableAfterMs ? 0 : state.failures;
  if (before >= limits.restartsMax) return { state: noFailures, action: 'give-up' };
  const wait = Math.min(limits.backoffMaxMs, limits.backoffMinMs * 2 ** Math.min(before, 30));
  return {
    state: { failures: before + 1 },
    action: 'dial-after',
    delayMs: wait * (1 + limits.jitter * event.chance),
  };
}
