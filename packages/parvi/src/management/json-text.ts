// JSON as Pekko Management writes it: compact, keys in alphabetical order, nothing where there is no value, and whole
// numbers of 64 bits, which JSON.stringify cannot write.

export type JsonValue =
  | string
  | number
  | boolean
  | bigint
  | undefined
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What is `undefined`, and numbers that are not finite, are left out of objects. */
export function jsonText(value: JsonValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined && !(typeof one === 'number' && !Number.isFinite(one)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${jsonText(one)}`);
  return `{${entries.join(',')}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
