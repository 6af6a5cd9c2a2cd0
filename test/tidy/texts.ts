// What no file of the project says: unfinished work, places on somebody's machine, hosts of registries.

interface BannedText {
  readonly pattern: RegExp;
  readonly why: string;
}

// Put together from parts, so that this file does not accuse itself.
const word = (...parts: string[]): RegExp => new RegExp(`\\b${parts.join('')}\\b`);
const unfinished = 'finish it, or say what is so and why';
const elsewhere = 'name no place on a machine; take it from an option or the system';

export const bannedTexts: readonly BannedText[] = [
  { pattern: word('TO', 'DO'), why: unfinished },
  { pattern: word('FIX', 'ME'), why: unfinished },
  { pattern: word('XX', 'X'), why: unfinished },
  { pattern: word('HA', 'CK'), why: unfinished },
  { pattern: new RegExp(['\\bfor', ' now\\b(?! or for ever)'].join(''), 'i'), why: unfinished },
  { pattern: new RegExp(['not (yet ', ')?implemented'].join(''), 'i'), why: unfinished },
  { pattern: new RegExp(['work in ', 'progress'].join(''), 'i'), why: unfinished },
  { pattern: new RegExp(['(^|[\\s"\'`(])/', '(work|root|home/\\w+)/'].join('')), why: elsewhere },
  { pattern: new RegExp(['(^|[\\s"\'`(])/', 'tmp/'].join('')), why: elsewhere },
  { pattern: new RegExp(['@ts-', '(ignore|nocheck)'].join('')), why: 'repair the type' },
  {
    pattern: new RegExp(
      [
        'registry\\.npm',
        'js|pypi\\.',
        'org|static\\.crates|proxy\\.go',
        'lang|repo1?\\.maven',
      ].join(''),
    ),
    why: 'name no registry; the ordinary client knows its own',
  },
];

export function textFindings(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const found = bannedTexts.find(({ pattern }) => pattern.test(line));
    if (found === undefined) return [];
    const shown = found.pattern.exec(line)?.[0].trim();
    return [`${path}:${i + 1} says "${shown}": ${found.why}`];
  });
}

/** A page has one title, and it comes first. */
export function titleFindings(path: string, text: string): string[] {
  const titles: number[] = [];
  let fenced = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    if (!fenced && /^# \S/.test(line)) titles.push(i + 1);
  }
  if (titles.length === 1) return [];
  if (titles.length === 0) return [`${path} has no title: start it with "# …"`];
  return [`${path} has titles in lines ${titles.join(', ')}: keep one and lower the others`];
}
