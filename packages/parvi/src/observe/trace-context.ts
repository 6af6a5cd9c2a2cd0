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

/** Where the dashes stand: behind version, trace id and span id. */
const dashes = [2, 35, 52];
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
  for (let i = 0; i < traceParentLength; i++) {
    const code = text.charCodeAt(i);
    if (dashes.includes(i) ? code !== dash : !isHexDigit(code)) return false;
  }
  if (text.length === traceParentLength) return true;
  return !text.startsWith('00') && text.charCodeAt(traceParentLength) === dash;
}

/** The standard has lower case only. */
function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
}

function isZero(digits: string): boolean {
  for (let i = 0; i < digits.length; i++) if (digits.charCodeAt(i) !== 0x30) return false;
  return true;
}

export function traceParent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
