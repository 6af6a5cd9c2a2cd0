// The rule by which Pekko reads the version of an application. A member that is told one it cannot read ends itself, so
// no such version is sent, and none is taken from others to be passed on.

const wholeNumber = /^[+-]?\d+$/;
const intMin = -(2 ** 31);
const intMax = 2 ** 31 - 1;

/**
 * Whether Pekko can parse the text as an application version: any single token, or two or three numbers of 32 bits
 * between dots, the last optionally followed by `-` or `+` and a qualifier without dots (`1.2.3-rc1`). Source: Pekko
 * `Version.parse`.
 */
export function isAppVersion(text: string): boolean {
  // Java's split leaves out what is empty at the end.
  const parts = text.replace(/\.+$/, '').split('.');
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return last !== '';
  const numbers = [...parts.slice(0, -1), last.replace(/[-+].*$/s, '')];
  return parts.length <= 3 && numbers.every(isInt);
}

function isInt(text: string): boolean {
  return wholeNumber.test(text) && Number(text) >= intMin && Number(text) <= intMax;
}
