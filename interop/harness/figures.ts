// Figures for the end of a run: tests leave them here, and `FiguresReporter` shows them. Lines of a file, as each test
// file runs in a process of its own; without the file (in the short form among the other tests) they are dropped.

import { appendFileSync } from 'node:fs';

export interface Figure {
  readonly what: string;
  readonly value: string;
}

/** Environment variable that names the file. */
export const figuresVariable = 'INTEROP_FIGURES';

/** Equal values of one figure are counted. */
export function figure(what: string, value: string): void {
  const path = process.env[figuresVariable];
  if (path === undefined) return;
  const line: Figure = { what, value };
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}
