// The page of results: a head, then a section for each benchmark, in their order.

/** The page with these sections in the place of those with the same titles; `titles` is the order of all. */
export function withSections(
  page: string,
  sections: ReadonlyMap<string, string>,
  titles: readonly string[],
): string {
  const [head = '', ...old] = page.trimEnd().split(/\n(?=## )/);
  const known = new Map(old.map((section) => [titleOf(section), section.trimEnd()]));
  const kept = titles.map((title) => sections.get(title) ?? known.get(title));
  return `${[head.trimEnd(), ...kept.filter((section) => section !== undefined)].join('\n\n')}\n`;
}

const titleOf = (section: string): string => section.slice(3).split('\n', 1)[0] ?? '';
