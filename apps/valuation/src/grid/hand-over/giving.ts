// The giving side of one hand-over as a pure function: a job is offered to another controller, its bytes are sent in
// acknowledged pieces while it is still priced here, then it stands still for a moment, the rest is sent, and the other
// takes it. Time, bytes and messages are the shell's.
//
// Promises: the job goes on here only when the other has refused it, has dropped what it got, or is gone for good; once
// the other was asked to take it, nothing but its own word or its end decides.

/** A stretch of bytes that makes up a job, such as its trades. */
export interface GivenPart {
  readonly name: string;
  readonly bytes: number;
}

export interface Piece {
  readonly sequence: number;
  readonly part: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * `copying`: pieces go while the job is priced. `settling`: it stands still until what workers have is back. `finishing`:
 * the last pieces go. `committing`: the other has all of it and is asked to take it.
 */
export type GivingPhase = 'offered' | 'copying' | 'settling' | 'finishing' | 'committing' | 'over';

/**
 * `changed`: the job ended meanwhile. `in-doubt`: the time was over before the other said whether it has the job.
 */
export type GivingEnd =
  | 'taken'
  | 'refused'
  | 'changed'
  | 'failed'
  | 'peer-gone'
  | 'no-answer'
  | 'time-over'
  | 'in-doubt';

export interface Giving {
  readonly phase: GivingPhase;
  readonly untilMs: number;
  /** The last one grows until the job stands still. */
  readonly parts: readonly GivenPart[];
  /** Where the next piece begins. */
  readonly part: number;
  readonly offset: number;
  readonly sequence: number;
  readonly unacknowledged: readonly Piece[];
  /** When the other last got on. */
  readonly heardMs: number;
  /** When something was last said or said again. */
  readonly toldMs: number;
  readonly settleUntilMs: number;
}

export type GivingEvent =
  /** The other takes the job's bytes; `parts` as they are now. */
  | { readonly kind: 'accepted'; readonly parts: readonly GivenPart[] }
  /** The other will not have the job, or has dropped what it got of it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The other has all pieces before this one. */
  | { readonly kind: 'acknowledged'; readonly next: number }
  /** So many bytes of the last part can be read, and so many chunks are with workers or on their way to the disk. */
  | {
      readonly kind: 'progress';
      readonly bytes: number;
      readonly running: number;
      readonly storing: number;
    }
  /** The last part is whole, and there are more behind it. */
  | { readonly kind: 'sealed'; readonly parts: readonly GivenPart[] }
  | { readonly kind: 'taken' }
  /** The job has ended here. */
  | { readonly kind: 'changed' }
  /** The job cannot be read here. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The other controller is gone for good. */
  | { readonly kind: 'peerGone' }
  | { readonly kind: 'tick' };

export type GivingEffect =
  | { readonly kind: 'offer' }
  | { readonly kind: 'piece'; readonly piece: Piece }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'seal' }
  | { readonly kind: 'commit' }
  /** The other may forget what it got. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'thaw' }
  | { readonly kind: 'over'; readonly end: GivingEnd; readonly reason?: string };

/** Bytes of one piece; records of 8, 16 and 48 bytes are never cut. */
export const pieceBytesMax = 240 * 1024;
/** Pieces that may be on their way. */
const windowPieces = 16;
const againMs = 1000;
/** A controller that does not get on for so long is given up. */
const stalledMsMax = 6000;
/** How long chunks that are with workers are waited for. */
export const settleMsMax = 2000;
/** Beyond its time a hand-over waits so long for the other's word on the last step. */
export const doubtMsMax = 1000;

interface Step {
  readonly state: Giving;
  readonly effects: readonly GivingEffect[];
}

export function beginGiving(options: { readonly untilMs: number; readonly now: number }): Step {
  const { untilMs, now } = options;
  const state: Giving = {
    phase: 'offered',
    untilMs,
    parts: [],
    part: 0,
    offset: 0,
    sequence: 0,
    unacknowledged: [],
    heardMs: now,
    toldMs: now,
    settleUntilMs: 0,
  };
  return { state, effects: [{ kind: 'offer' }] };
}

export function stepGiving(state: Giving, event: GivingEvent, now: number): Step {
  if (state.phase === 'over') return { state, effects: [] };
  switch (event.kind) {
    case 'accepted':
      if (state.phase !== 'offered') return { state, effects: [] };
      return pump({ ...state, phase: 'copying', parts: event.parts, heardMs: now }, now);
    case 'refused':
      return over(state, 'refused', event.reason);
    case 'acknowledged':
      return acknowledged(state, event.next, now);
    case 'progress':
      return progress(state, event, now);
    case 'sealed':
      if (state.phase !== 'settling') return { state, effects: [] };
      return pump({ ...state, phase: 'finishing', parts: event.parts, heardMs: now }, now);
    case 'taken':
      return state.phase === 'committing' ? over(state, 'taken') : { state, effects: [] };
    case 'changed':
      return state.phase === 'committing' ? { state, effects: [] } : over(state, 'changed');
    case 'failed':
      if (state.phase === 'committing') return { state, effects: [] };
      return over(state, 'failed', event.reason);
    case 'peerGone':
      return over(state, 'peer-gone');
    case 'tick':
      return tick(state, now);
  }
}

function acknowledged(state: Giving, next: number, now: number): Step {
  const unacknowledged = state.unacknowledged.filter(({ sequence }) => sequence >= next);
  if (unacknowledged.length === state.unacknowledged.length) return { state, effects: [] };
  return pump({ ...state, unacknowledged, heardMs: now }, now);
}

function progress(
  state: Giving,
  { bytes, running, storing }: Extract<GivingEvent, { kind: 'progress' }>,
  now: number,
): Step {
  if (state.phase === 'settling') {
    const isQuiet = running === 0 || now >= state.settleUntilMs;
    if (storing > 0 || !isQuiet) return { state, effects: [] };
    return { state, effects: [{ kind: 'seal' }] };
  }
  const last = state.parts.at(-1);
  if (state.phase !== 'copying' || last === undefined || bytes <= last.bytes) {
    return { state, effects: [] };
  }
  return pump({ ...state, parts: [...state.parts.slice(0, -1), { ...last, bytes }] }, now);
}

/** Sends as many pieces as may be on their way, and goes on to the next phase when all are sent. */
function pump(state: Giving, now: number): Step {
  const effects: GivingEffect[] = [];
  let { part, offset, sequence } = state;
  const unacknowledged = [...state.unacknowledged];
  while (unacknowledged.length < windowPieces) {
    const current = state.parts[part];
    if (current === undefined) break;
    const length = Math.min(pieceBytesMax, current.bytes - offset);
    if (length === 0) {
      // What still grows is not left behind.
      if (part === state.parts.length - 1) break;
      part++;
      offset = 0;
      continue;
    }
    const piece = { sequence, part: current.name, offset, length };
    effects.push({ kind: 'piece', piece });
    unacknowledged.push(piece);
    sequence++;
    offset += length;
  }
  const toldMs = effects.length > 0 ? now : state.toldMs;
  const after = { ...state, part, offset, sequence, unacknowledged, toldMs };
  const next = nextPhase(after, now);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function nextPhase(state: Giving, now: number): Step {
  const last = state.parts.length - 1;
  const all = state.part === last && state.offset === state.parts[last]?.bytes;
  if (!all) return { state, effects: [] };
  if (state.phase === 'copying') {
    const settling: Giving = { ...state, phase: 'settling', settleUntilMs: now + settleMsMax };
    return { state: settling, effects: [{ kind: 'freeze' }] };
  }
  if (state.phase === 'finishing' && state.unacknowledged.length === 0) {
    const committing: Giving = { ...state, phase: 'committing', heardMs: now, toldMs: now };
    return { state: committing, effects: [{ kind: 'commit' }] };
  }
  return { state, effects: [] };
}

function tick(state: Giving, now: number): Step {
  const { phase, untilMs, heardMs, toldMs, unacknowledged } = state;
  if (phase === 'committing') {
    if (now >= untilMs + doubtMsMax) return over(state, 'in-doubt');
  } else {
    if (now >= untilMs) return over(state, 'time-over');
    const waits = phase === 'offered' || unacknowledged.length > 0;
    if (waits && now - heardMs >= stalledMsMax) return over(state, 'no-answer');
  }
  if (now - toldMs < againMs) return { state, effects: [] };
  return { state: { ...state, toldMs: now }, effects: saidAgain(state) };
}

/** What the other may have missed. */
function saidAgain({ phase, unacknowledged }: Giving): readonly GivingEffect[] {
  if (phase === 'offered') return [{ kind: 'offer' }];
  if (phase === 'committing') return [{ kind: 'commit' }];
  return unacknowledged.map((piece) => ({ kind: 'piece', piece }));
}

function over(state: Giving, end: GivingEnd, reason?: string): Step {
  const effects: GivingEffect[] = [];
  const mayHave = end === 'taken' || end === 'in-doubt';
  if (!mayHave && end !== 'refused' && end !== 'peer-gone') effects.push({ kind: 'drop' });
  if (!mayHave && state.phase !== 'offered' && state.phase !== 'copying') {
    effects.push({ kind: 'thaw' });
  }
  effects.push({ kind: 'over', end, ...(reason === undefined ? {} : { reason }) });
  return { state: { ...state, phase: 'over', unacknowledged: [] }, effects };
}
