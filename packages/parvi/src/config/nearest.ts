// The name that somebody probably meant.

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let twoBack: number[] = [];
  let before = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(
        (before[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (before[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, (twoBack[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    twoBack = before;
    before = row;
  }
  return before[to.length] as number;
}

/**
 * The nearest of the names, whatever the case; `undefined` when none is near enough to be meant. A name with the same
 * last word counts as near: it is the section that was forgotten or mistaken.
 */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  const plain = wanted.toLowerCase();
  let best: string | undefined;
  // Two letters of three are another word.
  const most = plain.length < 4 ? 1 : Math.max(2, Math.floor(plain.length / 3));
  let bestDistance = most + 1;
  for (const name of names) {
    const lower = name.toLowerCase();
    const distance = Math.min(
      editDistance(plain, lower),
      lastWord(plain) === lastWord(lower) ? Math.min(2, most) : Infinity,
    );
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function lastWord(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('_')) + 1);
}

export interface UnknownOption {
  /** With its section. */
  readonly option: string;
  /** Ends a message: the nearest name that there is, or all of them. */
  readonly hint: string;
}

/** The first option given that none of the known ones is; each part of the toolkit refuses it in its own words. */
export function unknownOption(
  given: object,
  known: object,
  section = '',
): UnknownOption | undefined {
  const names = Object.keys(known);
  const name = Object.keys(given).find((one) => !names.includes(one));
  if (name === undefined) return undefined;
  const near = nearest(name, names);
  const hint = near === undefined ? `known are ${names.join(', ')}` : `did you mean "${near}"?`;
  return { option: `${section}${name}`, hint };
}
