// The three texts of an envelope header (sender, recipient, manifest) in the form they are written: length and
// ASCII bytes made once and copied ever after.

import type { OutboundTable } from './compression.ts';
import { shortText, WireError } from './errors.ts';

/** Pekko reads the length as a signed 16-bit number. */
export const literalBytesMax = 32_767;

/** A text ready for the wire. Make one per path or manifest and keep it: that is what makes sending cheap. */
export class HeaderText {
  readonly text: string;
  /** Two bytes length, little-endian, then ASCII. */
  readonly bytes: Uint8Array;
  /** The compression table looked into last, and the index found there (-1: none). */
  table: OutboundTable | undefined = undefined;
  index = -1;

  /** @throws WireError `VALUE_NOT_SERIALIZABLE` for a text that is not ASCII or too long. */
  constructor(text: string) {
    const problem = literalProblem(text);
    if (problem !== undefined) {
      throw new WireError(
        'VALUE_NOT_SERIALIZABLE',
        `Cannot write "${shortText(text)}" into an envelope header: it ${problem}`,
        { fields: { text: shortText(text) } },
      );
    }
    this.text = text;
    this.bytes = new Uint8Array(2 + text.length);
    this.bytes[0] = text.length & 0xff;
    this.bytes[1] = text.length >>> 8;
    for (let i = 0; i < text.length; i++) this.bytes[2 + i] = text.charCodeAt(i);
  }
}

/** "No sender", "no recipient", "empty manifest". */
export const noText = new HeaderText('');

/** Remembers the header form of texts, at most `entriesMax` of them; the oldest half is forgotten when full. */
export class HeaderTexts {
  readonly #entriesMax: number;
  #young = new Map<string, HeaderText>();
  #old = new Map<string, HeaderText>();

  constructor(entriesMax = 4096) {
    this.#entriesMax = entriesMax;
  }

  of(text: string): HeaderText {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const entry = this.#old.get(text) ?? new HeaderText(text);
    if (this.#young.size >= this.#entriesMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, entry);
    return entry;
  }
}

function literalProblem(text: string): string | undefined {
  if (text.length > literalBytesMax) return `is longer than ${literalBytesMax} characters`;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) {
      return 'holds characters outside ASCII; percent-encode the names of actors';
    }
  }
  return undefined;
}
