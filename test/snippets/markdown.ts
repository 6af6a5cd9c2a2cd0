// Programs that stand in pages. What a page shows is what is checked and run:
//
//   ```ts                     a whole program, saved under a name of its own
//   ```ts args="--a 1 --b"    … run with these words
//   ```text                   right after a program: what it prints to standard output, line by line; "…" in a line
//                             stands for anything
//   ```sh run                 commands that are run before the programs of the page, in the folder in which those run
//   ```ts part                lines of a program further down or up the same page, word for word, for explaining
//
// A program without a ```text block after it must print nothing.

export interface Snippet {
  readonly page: string;
  /** Line of the page on which the block begins, from 1. */
  readonly line: number;
  readonly code: string;
  readonly words: readonly string[];
  /** Lines it prints. */
  readonly prints: readonly string[];
}

export interface Page {
  readonly path: string;
  readonly programs: readonly Snippet[];
  readonly parts: readonly Snippet[];
  /** All commands to run, one block after another; empty when there are none. */
  readonly commands: string;
}

interface Block {
  readonly info: string;
  readonly line: number;
  readonly lines: readonly string[];
}

export function readPage(page: string, text: string): Page {
  const blocks = fencedBlocks(text.split('\n'));
  const programs: Snippet[] = [];
  const parts: Snippet[] = [];
  blocks.forEach((block, at) => {
    const [language, ...rest] = block.info.split(' ');
    if (language !== 'ts') return;
    const next = blocks[at + 1];
    const snippet = {
      page,
      line: block.line,
      code: `${block.lines.join('\n')}\n`,
      words: /args="([^"]*)"/.exec(block.info)?.[1]?.split(' ') ?? [],
      prints: next?.info === 'text' ? next.lines : [],
    };
    if (rest.includes('part')) parts.push(snippet);
    else programs.push(snippet);
  });
  const toRun = blocks.filter(({ info }) => info === 'sh run');
  return {
    path: page,
    programs,
    parts,
    commands: toRun.map(({ lines }) => lines.join('\n')).join('\n'),
  };
}

function fencedBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  lines.forEach((text, at) => {
    const fence = /^```(.*)$/.exec(text);
    if (fence === null) open?.lines.push(text);
    else if (open === undefined) open = { info: (fence[1] ?? '').trim(), line: at + 1, lines: [] };
    else {
      blocks.push(open);
      open = undefined;
    }
  });
  return blocks;
}

/** Whether each line of the part stands in the program, one after another, whatever its indentation. */
export function isPartOf(part: string, program: string): boolean {
  const plain = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('\n');
  return `\n${plain(program)}\n`.includes(`\n${plain(part)}\n`);
}

/** Whether a printed line is the expected one, in which `…` stands for anything. */
export function isLine(expected: string, printed: string): boolean {
  const pattern = expected
    .split('…')
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(printed);
}
