// Options described, as a list for programs and as a page for people. The page is generated, so it cannot be wrong.

import { environmentPrefixDefault } from './config.ts';
import { type ConfigSchema, type OptionLeaf, optionTree } from './option-leaf.ts';
import { maskedText, shownValue } from './option-text.ts';

export interface OptionDescription {
  readonly key: string;
  readonly effect: string;
  /** The kind in words: `number`, `one of json, text`, `list of text`. */
  readonly type: string;
  /** As text; empty when there is none. */
  readonly defaultText: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly environmentNames: readonly string[];
}

/** Every option of a schema, in its order. */
export function describeOptions(
  schema: ConfigSchema,
  environmentPrefix: string = environmentPrefixDefault,
): OptionDescription[] {
  return optionTree(schema, environmentPrefix).leaves.map((leaf) => ({
    key: leaf.key,
    effect: leaf.effect,
    type: typeText(leaf),
    defaultText: defaultText(leaf),
    required: leaf.required,
    secret: leaf.secret,
    environmentNames: leaf.environmentNames,
  }));
}

/** Tables of all options, one for each section, in Markdown. */
export function optionsMarkdown(
  schema: ConfigSchema,
  environmentPrefix: string = environmentPrefixDefault,
): string {
  const { sections } = optionTree(schema, environmentPrefix);
  const bySection = new Map<string, OptionDescription[]>();
  for (const option of describeOptions(schema, environmentPrefix)) {
    const section = option.key.split('.').slice(0, -1).join('.');
    bySection.set(section, [...(bySection.get(section) ?? []), option]);
  }
  const parts: string[] = [];
  for (const [section, options] of bySection) {
    if (section !== '') parts.push(`## ${section}`);
    const effect = sections.get(section)?.effect ?? '';
    if (effect !== '') parts.push(effect);
    parts.push(
      [
        '| option | effect | kind | default | environment |',
        '|---|---|---|---|---|',
        ...options.map(tableRow),
      ].join('\n'),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function tableRow(option: OptionDescription): string {
  const value = option.required ? 'must be given' : codeText(option.defaultText);
  const names = option.environmentNames.map(codeText).join(', ');
  const cells = [codeText(option.key), option.effect, option.type, value, names];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function codeText(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function typeText(leaf: OptionLeaf): string {
  if (leaf.kind === 'choice') return `one of ${leaf.choices.join(', ')}`;
  if (leaf.kind === 'list') return `list of ${leaf.itemKind}`;
  if (leaf.kind === 'map') return `map of ${leaf.itemKind}`;
  return leaf.kind === 'boolean' ? 'true or false' : leaf.kind;
}

function defaultText(leaf: OptionLeaf): string {
  if (leaf.defaultText !== undefined) return leaf.defaultText;
  if (leaf.secret && leaf.defaultValue !== undefined) return maskedText;
  const { defaultValue } = leaf;
  if (leaf.kind === 'duration' && typeof defaultValue === 'number')
    return durationText(defaultValue);
  return shownValue(defaultValue);
}

/** In the largest unit that is exact, as it can be written. */
function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const;
  const fitting = units.find(([, size]) => ms > 0 && ms % size === 0);
  return fitting === undefined ? `${ms}ms` : `${ms / fitting[1]}${fitting[0]}`;
}
