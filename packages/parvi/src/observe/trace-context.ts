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

/** Of version 00 without version and flags: where the parts begin and end. */
const traceIdAt = [3, 35] as const;
const spanIdAt = [36, 52] as const;
const flagsAt = [53, traceParentLength] as const;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);

/** The context that a `traceparent` names; `undefined` for what is none, which the standard has ignored. */
export function parseTraceParent(text: string | undefined): TraceContext | undefined {
  if (text === undefined || text.length < traceParentLength || !isFormed(text)) return undefined;
  const version = text.slice(0, 2);
  // Later versions may go on after a dash, this one may not.
  if (version === 'ff') return undefined;
  if (text.length > traceParentLength && (version === '00' || text[traceParentLength] !== '-')) {
    return undefined;
  }
  const traceId = text.slice(...traceIdAt);
  const spanId = text.slice(...spanIdAt);
  if (traceId === noTrace || spanId === noSpan) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(text.slice(...flagsAt), 16) & 1) === 1 };
}

/** Whether its first characters are four numbers with dashes between. A pattern takes ten times as long for that. */
function isFormed(text: string): boolean {
  for (let i = 0; i < traceParentLength; i++) {
    const code = text.charCodeAt(i);
    const isDash = code === 0x2d;
    if (isDash !== (i === 2 || i === 35 || i === 52)) return false;
    if (!isDash && !(code >= 0x30 && code <= 0x39) && !(code >= 0x61 && code <= 0x66)) return false;
  }
  return true;
}

export function traceParent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
