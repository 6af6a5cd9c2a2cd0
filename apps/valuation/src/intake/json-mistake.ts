// Where a text stops being JSON. `JSON.parse` says it for some mistakes only, and a person with a long line needs it.

/** Offset of the first character that cannot be where it is; the length when the text breaks off, -1 when it is JSON. */
export function jsonMistake(text: string): number {
  const scanner = new Scanner(text);
  scanner.value();
  return scanner.finish();
}

/** The same as a place for people, counted from 1. */
export function mistakePlace(text: string): { readonly line: number; readonly column: number } {
  const offset = Math.max(0, jsonMistake(text));
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

const string = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const stringPart = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\n\r]*/y;

class Scanner {
  readonly #text: string;
  #at = 0;
  #failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  finish(): number {
    this.#take(space);
    return this.#failed || this.#at < this.#text.length ? this.#at : -1;
  }

  /** One value, without recursion: nesting may be as deep as the text is long. */
  value(): void {
    const open: ('{' | '[')[] = [];
    do {
      this.#beforeValue(open);
      while (!this.#failed && open.length > 0 && !this.#after(open)) {
        /* One container ended, which was itself a value of the one around it. */
      }
    } while (!this.#failed && open.length > 0);
  }

  /** Goes into containers until there is a value without parts, or an empty container. */
  #beforeValue(open: ('{' | '[')[]): void {
    for (;;) {
      this.#take(space);
      const next = this.#text[this.#at];
      if (next !== '{' && next !== '[') {
        if (next === '"') this.#string();
        else if (!this.#take(word) && !this.#take(number)) this.#failed = true;
        return;
      }
      this.#at++;
      this.#take(space);
      if (this.#text[this.#at] === (next === '{' ? '}' : ']')) {
        this.#at++;
        return;
      }
      open.push(next);
      if (next === '{' && !this.#name()) return;
    }
  }

  /** After a value: true when another one follows, false when its container ended. */
  #after(open: ('{' | '[')[]): boolean {
    const container = open.at(-1);
    this.#take(space);
    const next = this.#text[this.#at];
    if (next === ',') {
      this.#at++;
      if (container === '{') this.#name();
      return true;
    }
    if (next === (container === '{' ? '}' : ']')) {
      this.#at++;
      open.pop();
    } else this.#failed = true;
    return false;
  }

  /** The name of a field and its colon. */
  #name(): boolean {
    this.#take(space);
    if (!this.#string()) return false;
    this.#take(space);
    if (this.#text[this.#at] === ':') this.#at++;
    else this.#failed = true;
    return !this.#failed;
  }

  #string(): boolean {
    if (this.#take(string)) return true;
    this.#take(stringPart);
    this.#failed = true;
    return false;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}
