// Options on the command line: `--remote.port 25520`, `--remote.port=25520`, `--remote.bind-host=0.0.0.0`, and
// `--config file`.

import type { OptionTree } from './option-leaf.ts';
import { valueOfText } from './option-text.ts';
import { type SourceReading, unknownKey } from './sources.ts';

export interface ParsedFlags {
  /** Values by option as written, in order. */
  readonly flags: readonly { readonly name: string; readonly text: string | undefined }[];
  /** The value of `--config`. */
  readonly file: string | undefined;
  /** What is no option of ours: words, and flags without a dot. */
  readonly rest: readonly string[];
}

/** Splits a command line. Flags of options have a dot in their name; `--` ends them. */
export function parseFlags(words: readonly string[]): ParsedFlags {
  const flags: { name: string; text: string | undefined }[] = [];
  const rest: string[] = [];
  let file: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--') {
      rest.push(...words.slice(i + 1));
      break;
    }
    const match = /^--([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(word);
    const name = match?.[1] ?? '';
    if (name !== 'config' && !name.includes('.')) {
      rest.push(word);
      continue;
    }
    let text = match?.[2];
    const next = words[i + 1];
    if (text === undefined && next !== undefined && !next.startsWith('--')) {
      text = next;
      i++;
    }
    if (name === 'config') file = text ?? '';
    else flags.push({ name, text });
  }
  return { flags, file, rest };
}

/** Values of flags. A flag of a switch needs no value; a flag of a list may be repeated. */
export function readFlags(tree: OptionTree, parsed: Pick<ParsedFlags, 'flags'>): SourceReading {
  const reading: SourceReading = { entries: [], problems: [] };
  const leaves = new Map(tree.leaves.map((leaf) => [leaf.key, leaf]));
  const texts = new Map<string, string>();
  for (const { name, text } of parsed.flags) {
    const key = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const leaf = leaves.get(key);
    const origin = { kind: 'flag', name: `--${name}` } as const;
    if (leaf === undefined) {
      reading.problems.push(unknownKey(key, [...leaves.keys()], origin));
      continue;
    }
    if (text === undefined && leaf.kind !== 'boolean') {
      const message = `Cannot use the flag "--${name}": it needs a value, such as "--${name}=…"`;
      reading.problems.push({ code: 'CONFIG_FLAG_INVALID', key, message });
      continue;
    }
    const before = leaf.kind === 'list' ? texts.get(key) : undefined;
    const whole = before === undefined ? (text ?? 'true') : `${before},${text}`;
    texts.set(key, whole);
    reading.entries.push({ leaf, value: valueOfText(leaf, whole), origin });
  }
  return reading;
}
