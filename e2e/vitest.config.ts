import { defineConfig } from 'vitest/config';
import { FiguresReporter } from '../interop/harness/figures-reporter.ts';

// What runs in containers: one file at a time, as each takes the whole machine.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    globalSetup: ['e2e/kubernetes/test-cluster.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    reporters: ['verbose', new FiguresReporter()],
  },
});
