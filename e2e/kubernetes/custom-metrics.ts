// The API of custom metrics, by which the autoscaler asks for a queue. A cluster that has one is used as it is; that of
// `testbed/` gets an adapter of its own.

import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { runProgram, type TestCluster } from './test-cluster.ts';

const program = join(import.meta.dirname, 'testbed', 'custom-metrics.sh');
const missing =
  'the cluster of KUBECONFIG has no API of custom metrics: install an adapter that serves valuation_trades_queued of Services';

/** Leaves the test out on a cluster of others that has none, and says why. */
export async function ensureCustomMetrics(
  cluster: TestCluster,
  { skip }: Pick<TestContext, 'skip'>,
): Promise<void> {
  const services = await cluster.kubectl(['get', 'apiservices', '-o', 'name']);
  if (services.includes('custom.metrics.k8s.io')) return;
  if ((process.env.KUBECONFIG ?? '') !== '') skip(missing);
  await runProgram(program, []);
}
