// Which trace something belongs to, and that as text: the `traceparent` of W3C Trace Context, level 1
// (https://www.w3.org/TR/trace-context/), which HTTP headers and frames between nodes carry alike.

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

const dash = 0x2d;

/**
 * The context that a `traceparent` names; `undefined` for what is none, which the standard has ignored. Read by hand, since
 * each message of a recorded trace brings one.
 */
export function parseTraceParent(text: string | undefined): TraceContext | undefined {
  if (text === undefined || !hasForm(text)) return undefined;
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(text.slice(53, 55), 16) & 1) === 1 };
}

/** Version 00 ends after the flags; what later ones have behind them is not looked at, but a dash comes first. */
function hasForm(text: string): boolean {
  if (text.length < traceParentLength || text.startsWith('ff')) return false;
  const isHex =
    hasHexThenDash(text, 0, 2) &&
    hasHexThenDash(text, 3, 35) &&
    hasHexThenDash(text, 36, 52) &&
    hasHex(text, 53, traceParentLength);
  if (!isHex || text.length === traceParentLength) return isHex;
  return !text.startsWith('00') && text.charCodeAt(traceParentLength) === dash;
}

function hasHexThenDash(text: string, from: number, end: number): boolean {
  return hasHex(text, from, end) && text.charCodeAt(end) === dash;
}

/** The standard has lower case only. */
function hasHex(text: string, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
  }
  return true;
}

function isZero(digits: string): boolean {
  for (let i = 0; i < digits.length; i++) if (digits.charCodeAt(i) !== 0x30) return false;
  return true;
}

export function traceParent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
