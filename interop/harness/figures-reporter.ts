// The last lines of a run: what was seen, how long it took, and `N passed, N failed`.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { type Figure, figuresVariable } from './figures.ts';

export class FiguresReporter implements Reporter {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parvi-interop-'));
  readonly #path = join(this.#folder, 'figures.jsonl');
  readonly #startMs = performance.now();

  constructor() {
    writeFileSync(this.#path, '');
    process.env[figuresVariable] = this.#path;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const figures = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    rmSync(this.#folder, { recursive: true });
    const lines = summary(figures.map((line) => JSON.parse(line) as Figure));
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    const { passed, failed } = countOf(modules, errors.length);
    const time = `time: ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    process.stdout.write(
      `\n${[...lines, time, `${passed} passed, ${failed} failed`].join('\n')}\n`,
    );
  }
}

function summary(figures: readonly Figure[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { what, value } of figures) {
    const values = counts.get(what) ?? new Map<string, number>();
    counts.set(what, values.set(value, (values.get(value) ?? 0) + 1));
  }
  return [...counts].map(([what, values]) => {
    const sorted = [...values].sort(([one], [other]) => (one < other ? -1 : 1));
    const shown = sorted.map(([value, count]) => (count > 1 ? `${count} × ${value}` : value));
    return `${what}: ${shown.join(', ')}`;
  });
}

/** A file that cannot be loaded, or a hook that fails, has no failed test of its own and counts as one. */
function countOf(modules: readonly TestModule[], errors: number) {
  let passed = 0;
  let failed = errors;
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    passed += states.filter((state) => state === 'passed').length;
    const failedHere = states.filter((state) => state === 'failed').length;
    failed += failedHere === 0 && !module.ok() ? 1 : failedHere;
  }
  return { passed, failed };
}
