// 32-bit integers as eight hexadecimal digits in lower case, by hand: what is native for it takes a text of its own each time.

const digitsInNumber = 8;
const bitsInDigit = 4;

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** By the character's code; what is no digit is {@link none}. */
const none = 0xff;
const values = new Uint8Array(256).fill(none);
for (const [value, code] of digits.entries()) values[code] = value;

/** Upper case is none: what is read here has lower case only. */
export function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (values[bytes[i] as number] === none) return false;
  return true;
}

/** The value of a digit. */
export function hexDigit(bytes: Uint8Array, at: number): number {
  return values[bytes[at] as number] as number;
}

/** The signed integer of the eight digits there, which {@link isHex} has seen. */
export function hexNumber(bytes: Uint8Array, start: number): number {
  let number = 0;
  for (let i = start; i < start + digitsInNumber; i++) {
    number = (number << bitsInDigit) | hexDigit(bytes, i);
  }
  return number;
}

export function writeHex(bytes: Uint8Array, start: number, number: number): void {
  let rest = number;
  for (let i = start + digitsInNumber - 1; i >= start; i--) {
    bytes[i] = digits[rest & 15] as number;
    rest >>>= bitsInDigit;
  }
}

export function hexText(number: number): string {
  return (number >>> 0).toString(16).padStart(digitsInNumber, '0');
}
