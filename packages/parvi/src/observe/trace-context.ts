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

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** The context that a `traceparent` names; `undefined` for what is none, which the standard has ignored. */
export function parseTraceParent(text: string | undefined): TraceContext | undefined {
  const [, version = 'ff', traceId = '', spanId = '', flags = ''] = form.exec(text ?? '') ?? [];
  if (version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  if (version === '00' && text?.length !== traceParentLength) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function traceParent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
