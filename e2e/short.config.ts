import { defineConfig } from 'vitest/config';
import { FiguresReporter } from '../interop/harness/figures-reporter.ts';

// The short form of the long suites, for each change: real Kubernetes, real Pekko nodes, the checkers of Prometheus and of
// the gateway's manifests. One file at a time, as each takes the whole machine.
export default defineConfig({
  test: {
    include: [
      'deploy/monitoring/rules.test.ts',
      'e2e/gateway/manifests.test.ts',
      'e2e/grid/grid.test.ts',
      'interop/bootstrap.test.ts',
    ],
    // Of nodes that bootstrap with Pekko's, the first mix; the others take minutes each.
    testNamePattern: /^(?!nodes with one (list: pekko|name server)|a .* node whose)/,
    globalSetup: ['e2e/kubernetes/test-cluster.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    reporters: ['verbose', new FiguresReporter()],
  },
});
