import { defineConfig } from 'vitest/config';
import { FiguresReporter } from '../interop/harness/figures-reporter.ts';

// All of what is tried with the chart and the stack; among the tests of the repository is what takes seconds.
export default defineConfig({
  test: {
    include: ['deploy/{chart,stack}/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 120_000,
    reporters: ['default', new FiguresReporter()],
  },
});
