import { defineConfig } from 'vitest/config';
import { FiguresReporter } from './harness/figures-reporter.ts';

// The whole of what is tried with real Pekko nodes; two files at a time: each starts up to five JVMs, and then mostly waits.
export default defineConfig({
  test: {
    include: ['interop/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose', new FiguresReporter()],
  },
});
