// Numbers, times and addresses as people read them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);
export const rate = (value: number): string => `${compact.format(value)}/s`;
export const kilobytes = (bytes: number): string => `${count(Math.ceil(bytes / 1024))} KB`;
/** As `percent`, but 100 % only when nothing is left. */
export const percentSent = (share: number): string => `${Math.floor(share * 100)} %`;
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Money to the cent, rates and other small figures to six significant digits. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-4) return value.toExponential(4);
  const digits = size >= 1000 ? 2 : size >= 1 ? 4 : 6;
  const shape = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString('en', shape);
}

/** A count with its noun, such as `1 chunk` or `2,500 chunks`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} m ${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')} s`;
}

/** Of an ISO text or epoch milliseconds. */
export const clockTime = (at: string | number): string => new Date(at).toLocaleTimeString('en-GB');

/** `pekko://grid@127.0.0.1:25520` as `127.0.0.1:25520`. */
export const shortAddress = (address: string): string => address.slice(address.indexOf('@') + 1);
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`;
