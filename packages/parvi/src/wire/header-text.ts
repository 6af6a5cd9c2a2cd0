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
    const { length } = text;
    const bytes = new Uint8Array(2 + Math.min(length, literalBytesMax));
    bytes[0] = length & 0xff;
    bytes[1] = length >>> 8;
    let seen = 0;
    for (let i = 0; i + 2 < bytes.length; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      bytes[2 + i] = code;
    }
    if (seen > 0x7f || length > literalBytesMax) throw notALiteral(text);
    this.text = text;
    this.bytes = bytes;
  }
}

/** "No sender", "no recipient", "empty manifest". */
export const noText = new HeaderText('');

/** Longer texts are made anew each time: refs that come from outside must not fill our memory with their names. */
const rememberedCharactersMax = 1024;

/** Remembers the header form of texts, at most `entriesMax` of them; the oldest half is forgotten when full. */
export class HeaderTexts {
  readonly #entriesMax: number;
  #young = new Map<string, HeaderText>();
  #old = new Map<string, HeaderText>();

  constructor(entriesMax = 4096) {
    this.#entriesMax = entriesMax;
  }

  of(text: string): HeaderText {
    if (text.length > rememberedCharactersMax) return new HeaderText(text);
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

function notALiteral(text: string): WireError {
  const why =
    text.length > literalBytesMax
      ? `is longer than ${literalBytesMax} characters`
      : 'holds characters outside ASCII; percent-encode the names of actors';
  const shown = shortText(text);
  return new WireError(
    'VALUE_NOT_SERIALIZABLE',
    `Cannot write "${shown}" into an envelope header: it ${why}`,
    { fields: { text: shown } },
  );
}
