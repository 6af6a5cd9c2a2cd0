// Standard streams of a command: decoration only on a terminal, machine-readable output never decorated.

import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export interface Terminal {
  /** Whether standard output is a terminal that shows colours and moving lines. */
  readonly interactive: boolean;
  out(text: string): void;
  error(text: string): void;
  style(style: Style, text: string): string;
  /** Replaces the last status lines by these; without a terminal, nothing. */
  status(lines: readonly string[]): void;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(data: string | Uint8Array, written?: (error?: Error | null) => void): unknown;
}

/** What would move the cursor, colour the terminal, begin a line or turn the text around. */
const unprintable = String.raw`[\p{Cc}\p{Bidi_Control}\u2028\u2029]`;
const unprintables = new RegExp(unprintable, 'gu');

/** Names come from elsewhere: what is more than a character in them is shown as a dot. */
export const plain = (text: string): string => text.replaceAll(unprintables, '·');

const escapeCode = '\u001B';
const oursOrUnprintable = new RegExp(
  String.raw`([\n\t]|${escapeCode}\[(?:[12]|22|3[1236]|39)m)|${unprintable}`,
  'gu',
);

/** Where a name was forgotten: of what is no character only the ends of lines, tabs and {@link Style}s pass. */
const harmless = (text: string): string =>
  text.replaceAll(oursOrUnprintable, (_, ours: string | undefined) => ours ?? '·');

/** JSON that is the same value to a program and harmless on a terminal. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? 'null';
  return text.replaceAll(unprintables, (one) =>
    one === '\n' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function openTerminal(
  out: OutputStream,
  error: OutputStream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const interactive = out.isTTY === true && environment.TERM !== 'dumb';
  const coloured = interactive && environment.NO_COLOR === undefined;
  let shown = 0;
  /** Rows of the terminal a line takes; a long one goes on in the next. Some terminals do not know their width and say 0. */
  const rows = (line: string): number =>
    Math.max(1, Math.ceil(stripVTControlCharacters(line).length / (out.columns || 100)));
  const clear = (): void => {
    if (shown > 0) out.write(`\u001B[${shown}A\u001B[J`);
    shown = 0;
  };
  return {
    interactive,
    out(text) {
      clear();
      out.write(`${harmless(text)}\n`);
    },
    error(text) {
      clear();
      error.write(`${text.split('\n').map(plain).join('\n')}\n`);
    },
    style: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
    status(lines) {
      if (!interactive) return;
      clear();
      out.write(lines.map((line) => `${harmless(line)}\n`).join(''));
      shown = lines.reduce((sum, line) => sum + rows(line), 0);
    },
  };
}

const parts = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns, filled to `share` (0 to 1) in eighths of a column. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const whole = Math.floor(eighths / 8);
  const filled = '█'.repeat(whole) + (parts[eighths % 8] ?? '');
  return filled.padEnd(width, '·');
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** A table of aligned columns, two spaces apart, that comes in parts: heads once, and columns that never get narrower. */
export class Table {
  readonly #columns: readonly Column[];
  readonly #widths: number[];
  #begun = false;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ title }) => title.length);
  }

  /** The next rows as lines, without a line end behind the last. */
  part(given: readonly (readonly string[])[]): string {
    const rows = given.map((cells) => cells.map(plain));
    for (const row of rows) {
      row.forEach((cell, i) => {
        this.#widths[i] = Math.max(this.#widths[i] ?? 0, cell.length);
      });
    }
    const lines = this.#begun ? rows : [this.#columns.map(({ title }) => title), ...rows];
    this.#begun = true;
    return lines.map((cells) => this.#line(cells)).join('\n');
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const width = this.#widths[i] ?? 0;
      return this.#columns[i]?.right === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join('  ').trimEnd();
  }
}

/** A whole table. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string =>
  new Table(columns).part(rows);

let groups: Intl.NumberFormat | undefined;

/** Made at the first use: the tables of languages take seven megabytes, which a node that prints no counts can do without. */
export function countText(value: number): string {
  groups ??= new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  return groups.format(value);
}

/** A count with its noun, such as `1 worker` or `2,500 trades`. */
export const countedText = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
