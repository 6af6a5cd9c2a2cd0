// Numbers, times and addresses as people read them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);
export const rate = (value: number): string => `${compact.format(value)}/s`;
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Six significant digits, grouped when large. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(4);
  const digits = size >= 1000 ? 2 : 6;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} m ${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')} s`;
}

export const clockTime = (iso: string): string => new Date(iso).toLocaleTimeString('en-GB');

/** `pekko://grid@127.0.0.1:25520` as `127.0.0.1:25520`. */
export const shortAddress = (address: string): string => address.slice(address.indexOf('@') + 1);
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`;
