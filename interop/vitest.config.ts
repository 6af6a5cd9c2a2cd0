import { defineConfig } from 'vitest/config';
import { FiguresReporter } from './harness/figures-reporter.ts';

// The whole of what is tried with real Pekko nodes; one file after the other, for each starts up to five JVMs.
export default defineConfig({
  test: {
    include: ['interop/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose', new FiguresReporter()],
  },
});
