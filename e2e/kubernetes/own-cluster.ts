// Faults of machines and networks, which Kubernetes itself has no command for. They are made on the cluster of `testbed/`
// alone; tests that need them say so and are left out on another.

import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { runProgram } from './test-cluster.ts';

const program = join(import.meta.dirname, 'testbed', 'fault.sh');

export interface PlacedContainer {
  readonly ip: string;
  /** Such as `node-1`. */
  readonly node: string;
  /** Such as `containerd://0123…`. */
  readonly container: string;
}

export interface OwnCluster {
  /** Only its own machine still reaches the pod, as the kubelet's probes do; resolves with what takes it back. */
  cutOff(pod: PlacedContainer): Promise<() => Promise<void>>;
  /** No pod reaches the API server any more, while everybody else does; resolves with what takes it back. */
  hideApiServer(): Promise<() => Promise<void>>;
  /** The container's process stands still: no signal and no peer gets an answer. */
  freeze(pod: PlacedContainer): Promise<void>;
}

const whyNot =
  'KUBECONFIG names a cluster whose machines these tests leave alone; without it the one of e2e/kubernetes/testbed is used';

/** Leaves the test out on a cluster that is not ours, and says why. */
export function ownCluster({ skip }: Pick<TestContext, 'skip'>): OwnCluster {
  if ((process.env.KUBECONFIG ?? '') !== '') skip(whyNot);
  const fault = async (...words: readonly string[]): Promise<void> => {
    await runProgram(program, words);
  };
  return {
    async cutOff({ node, ip }) {
      const number = numberOf(node);
      await fault('cut-pod', number, ip);
      return () => fault('heal-pod', number);
    },
    async hideApiServer() {
      await fault('hide-api');
      return () => fault('show-api');
    },
    freeze: ({ node, container }) =>
      fault('freeze', numberOf(node), container.replace(/^containerd:\/\//, '')),
  };
}

const numberOf = (node: string): string => node.replace(/^node-/, '');
