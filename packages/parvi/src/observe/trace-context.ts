// Which trace something belongs to, and that as text: the `traceparent` of W3C Trace Context, level 1
// (https://www.w3.org/TR/trace-context/), which HTTP headers and frames between nodes carry alike.

import type { Random } from '../runtime/index.ts';
import { hexDigit, hexNumber, hexText, isHex, writeHex } from './hex.ts';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the span that what follows is a part of; 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether spans of this trace are recorded. */
  readonly sampled: boolean;
}

/** Characters of a `traceparent` of version 00. */
export const traceParentLength = 55;

const traceIdStart = 3;
const spanIdStart = 36;
const flagsStart = 53;
const dash = 0x2d;
const zero = 0x30;
const letterF = 0x66;

/**
 * A context whose ids are numbers. Most parts of a trace are named on the wire only, where their digits go straight into the
 * frame; texts of them are made for who reads them.
 */
export class TraceIds implements TraceContext {
  /** 128 bits as four 32-bit integers, the highest first. */
  trace0 = 0;
  trace1 = 0;
  trace2 = 0;
  trace3 = 0;
  /** 64 bits as two. */
  span0 = 0;
  span1 = 0;
  sampled = true;

  /** Ids by chance: those of a part of the parent's trace, or of a trace of its own. Never zeros alone, which is no id. */
  static random(random: Random, parent?: TraceIds): TraceIds {
    const ids = new TraceIds();
    if (parent === undefined) ids.#drawTrace(random);
    else ids.#joinTrace(parent);
    ids.span0 = random.uint32() | 0;
    ids.span1 = random.uint32() | 1;
    return ids;
  }

  /** The same with numbers; `undefined` for ids that are none. */
  static of(context: TraceContext): TraceIds | undefined {
    if (context instanceof TraceIds) return context;
    const bytes = Buffer.from(traceParent(context));
    return readTraceParent(bytes, 0, bytes.length);
  }

  /** Of 55 characters of a `traceparent` that has been found well-formed. */
  static read(bytes: Uint8Array, start: number): TraceIds {
    const ids = new TraceIds();
    ids.trace0 = hexNumber(bytes, start + traceIdStart);
    ids.trace1 = hexNumber(bytes, start + traceIdStart + 8);
    ids.trace2 = hexNumber(bytes, start + traceIdStart + 16);
    ids.trace3 = hexNumber(bytes, start + traceIdStart + 24);
    ids.span0 = hexNumber(bytes, start + spanIdStart);
    ids.span1 = hexNumber(bytes, start + spanIdStart + 8);
    ids.sampled = (hexDigit(bytes, start + flagsStart + 1) & 1) === 1;
    return ids;
  }

  /** Ids of zeros alone are none. */
  get hasZeros(): boolean {
    const isZeroTrace = (this.trace0 | this.trace1 | this.trace2 | this.trace3) === 0;
    return isZeroTrace || (this.span0 | this.span1) === 0;
  }

  get traceId(): string {
    return (
      hexText(this.trace0) + hexText(this.trace1) + hexText(this.trace2) + hexText(this.trace3)
    );
  }

  get spanId(): string {
    return hexText(this.span0) + hexText(this.span1);
  }

  #drawTrace(random: Random): void {
    this.trace0 = random.uint32() | 0;
    this.trace1 = random.uint32() | 0;
    this.trace2 = random.uint32() | 0;
    this.trace3 = random.uint32() | 1;
  }

  #joinTrace({ trace0, trace1, trace2, trace3 }: TraceIds): void {
    this.trace0 = trace0;
    this.trace1 = trace1;
    this.trace2 = trace2;
    this.trace3 = trace3;
  }
}

/** The context that a `traceparent` names; `undefined` for what is none, which the standard has ignored. */
export function parseTraceParent(text: string | undefined): TraceContext | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text);
  const ids = readTraceParent(bytes, 0, bytes.length);
  if (ids === undefined) return undefined;
  return { traceId: ids.traceId, spanId: ids.spanId, sampled: ids.sampled };
}

/** As {@link parseTraceParent}, of bytes where they arrived: each message of a recorded trace brings some. */
export function readTraceParent(
  bytes: Uint8Array,
  start: number,
  end: number,
): TraceIds | undefined {
  if (!hasForm(bytes, start, end)) return undefined;
  const ids = TraceIds.read(bytes, start);
  return ids.hasZeros ? undefined : ids;
}

/** Version 00 ends after the flags; what later ones have behind them is not looked at, but a dash comes first. */
function hasForm(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < traceParentLength) return false;
  if (bytes[start] === letterF && bytes[start + 1] === letterF) return false;
  const hasFields =
    isHex(bytes, start, start + 2) &&
    bytes[start + traceIdStart - 1] === dash &&
    isHex(bytes, start + traceIdStart, start + spanIdStart - 1) &&
    bytes[start + spanIdStart - 1] === dash &&
    isHex(bytes, start + spanIdStart, start + flagsStart - 1) &&
    bytes[start + flagsStart - 1] === dash &&
    isHex(bytes, start + flagsStart, start + traceParentLength);
  if (!hasFields || end - start === traceParentLength) return hasFields;
  const isFirstVersion = bytes[start] === zero && bytes[start + 1] === zero;
  return !isFirstVersion && bytes[start + traceParentLength] === dash;
}

export function traceParent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Puts these ids into a `traceparent` of version 00 that stands there. */
export function rewriteTraceParent(bytes: Uint8Array, start: number, ids: TraceIds): void {
  writeHex(bytes, start + traceIdStart, ids.trace0);
  writeHex(bytes, start + traceIdStart + 8, ids.trace1);
  writeHex(bytes, start + traceIdStart + 16, ids.trace2);
  writeHex(bytes, start + traceIdStart + 24, ids.trace3);
  writeHex(bytes, start + spanIdStart, ids.span0);
  writeHex(bytes, start + spanIdStart + 8, ids.span1);
  bytes[start + flagsStart + 1] = ids.sampled ? zero + 1 : zero;
}
