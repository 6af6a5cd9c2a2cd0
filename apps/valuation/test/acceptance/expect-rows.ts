// What results of a job must be whatever happened to its workers.

import { expect } from 'vitest';
import type { ResultView } from '../../src/http/views.ts';

/** Rows 1 to `count` in order, each once. */
export function expectEachRowOnce(results: readonly ResultView[], count: number): void {
  expect(results.length).toBe(count);
  expect(results.findIndex((result, i) => result.row !== i + 1)).toBe(-1);
}
