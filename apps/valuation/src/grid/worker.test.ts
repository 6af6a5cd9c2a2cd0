import { availableParallelism } from 'node:os';
import { ActorSystem } from 'parvi/actor';
import { memoryLog } from 'parvi/observe';
import { ManualTime } from 'parvi/testkit';
import { expect, it } from 'vitest';
import { FixedMembership } from './membership.ts';
import { spawnWorker } from './worker.ts';

it('a worker has as many pricing threads as there are cores, and starts them with its first work', async () => {
  const time = new ManualTime();
  const log = memoryLog('info').logger;
  const system = ActorSystem.create({ name: 'Valuation' }, { runtime: time.runtime(), log });
  let started = 0;
  const { node } = spawnWorker(system, {
    membership: new FixedMembership('Valuation', 'pekko://Valuation@host:1', []),
    startThread: () => {
      started++;
      return { post: () => {}, kill: () => {} };
    },
  });
  expect(node.threads).toBe(availableParallelism());
  expect(started).toBe(0);
  node.receive({
    type: 'price',
    controller: { path: 'controller', tell: () => {} },
    job: 'j',
    chunk: 0,
    request: { metric: 'NPV', snapshot: 'default', snapshots: {} },
    bytes: new Uint8Array(0),
    first: 0,
    deadlineMs: 1000,
    urgent: false,
  });
  expect(started).toBe(availableParallelism());
  node.leave();
});
