// The taking side of one hand-over as a pure function: pieces are taken in their order and acknowledged when they are
// kept; the job is taken when all of it is there and adds up.
//
// Promises: a job is taken at most once, and what was dropped is never taken. Who asks again gets the same answer.

export interface PartSum {
  readonly part: string;
  readonly bytes: number;
  /** CRC-32 of all its bytes. */
  readonly sum: number;
}

export interface Taking {
  readonly phase: 'taking' | 'taken' | 'dropped';
  /** The piece that may come next. */
  readonly expected: number;
  /** All pieces before it are kept. */
  readonly kept: number;
  readonly heardMs: number;
}

export type TakingEvent =
  | { readonly kind: 'piece'; readonly sequence: number }
  | { readonly kind: 'kept'; readonly sequence: number }
  | { readonly kind: 'keepFailed'; readonly reason: string }
  /** All pieces were sent; `addsUp` says whether the sums are those of what is kept. */
  | { readonly kind: 'commit'; readonly addsUp: boolean }
  | { readonly kind: 'drop' }
  | { readonly kind: 'giverGone' }
  | { readonly kind: 'tick' };

export type TakingEffect =
  /** Keep the piece that came; answer with `kept` or `keepFailed`. */
  | { readonly kind: 'keep'; readonly sequence: number }
  | { readonly kind: 'acknowledge'; readonly next: number }
  /** The job goes on here from now on. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'sayTaken' }
  | { readonly kind: 'refuse'; readonly reason: string }
  /** Free what was kept. */
  | { readonly kind: 'discard' };

/** A giver that says nothing for so long has given up, or is gone. */
const silentMsMax = 15_000;
export const silentReason = 'nothing came for too long';

interface Step {
  readonly state: Taking;
  readonly effects: readonly TakingEffect[];
}

export const beginTaking = (now: number): Taking => ({
  phase: 'taking',
  expected: 0,
  kept: 0,
  heardMs: now,
});

export function stepTaking(state: Taking, event: TakingEvent, now: number): Step {
  if (state.phase === 'taken') return afterwards(state, event, { kind: 'sayTaken' });
  if (state.phase === 'dropped') {
    return afterwards(state, event, { kind: 'refuse', reason: 'what came of it was dropped' });
  }
  switch (event.kind) {
    case 'piece':
      return piece({ ...state, heardMs: now }, event.sequence);
    case 'kept': {
      const kept = event.sequence + 1;
      return { state: { ...state, kept }, effects: [{ kind: 'acknowledge', next: kept }] };
    }
    case 'keepFailed':
      return dropped(state, { kind: 'refuse', reason: event.reason });
    case 'commit':
      return commit(state, event.addsUp);
    case 'drop':
    case 'giverGone':
      return dropped(state);
    case 'tick':
      if (now - state.heardMs < silentMsMax) return { state, effects: [] };
      return dropped(state, { kind: 'refuse', reason: silentReason });
  }
}

/** Pieces behind a lost one come again after it; one that came before is acknowledged again. */
function piece(state: Taking, sequence: number): Step {
  if (sequence !== state.expected) {
    return { state, effects: [{ kind: 'acknowledge', next: state.kept }] };
  }
  return { state: { ...state, expected: sequence + 1 }, effects: [{ kind: 'keep', sequence }] };
}

function commit(state: Taking, addsUp: boolean): Step {
  if (!addsUp || state.kept !== state.expected) {
    return dropped(state, { kind: 'refuse', reason: 'what came does not add up' });
  }
  return {
    state: { ...state, phase: 'taken' },
    effects: [{ kind: 'adopt' }, { kind: 'sayTaken' }],
  };
}

/** Only questions are answered any more. */
function afterwards(state: Taking, event: TakingEvent, answer: TakingEffect): Step {
  const asks = event.kind === 'commit' || event.kind === 'piece';
  return { state, effects: asks ? [answer] : [] };
}

function dropped(state: Taking, answer?: TakingEffect): Step {
  const effects: TakingEffect[] = answer === undefined ? [] : [answer];
  return { state: { ...state, phase: 'dropped' }, effects: [...effects, { kind: 'discard' }] };
}
