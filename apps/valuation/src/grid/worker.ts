// A worker as an actor: finds the controllers through membership by their role, and leaves them in order.

import { availableParallelism } from 'node:os';
import { type ActorRef, type ActorSystem, actor } from 'parvi/actor';
import { controllerRole, isActive, type Membership } from './membership.ts';
import { registerWorkerMetrics } from './metrics.ts';
import { systemMeter } from './node-meter.ts';
import { chunksPerThreadDefault, type WorkerOptions } from './options.ts';
import { controllerAt, workerPath } from './places.ts';
import type { WorkerMessage } from './protocol.ts';
import { nodeThreads } from './threads/node-threads.ts';
import type { StartThread } from './threads/thread-pool.ts';
import { WorkerNode } from './worker-node.ts';

export interface WorkerSetup {
  readonly membership: Membership;
  readonly options?: Partial<WorkerOptions>;
  readonly startThread?: StartThread;
}

export interface WorkerHandle {
  readonly node: WorkerNode;
  readonly ref: ActorRef<WorkerMessage>;
}

/** Starts the worker of this node. It gives its chunks back with the system's coordinated shutdown. */
export function spawnWorker(system: ActorSystem, setup: WorkerSetup): WorkerHandle {
  const { membership } = setup;
  const ref = system.spawn(
    actor<WorkerMessage>(() => ({ onMessage: (message) => node.receive(message) })),
    workerPath.slice('/user/'.length),
  );
  const meter = systemMeter();
  const node: WorkerNode = new WorkerNode(
    {
      clock: system.runtime.clock,
      timers: system.runtime.timers,
      log: system.log.child({ role: 'worker' }),
      tracing: system.tracing,
      self: ref,
      address: membership.selfAddress,
      startThread: setup.startThread ?? nodeThreads(),
      meter,
    },
    {
      threads: setup.options?.threads ?? availableParallelism(),
      chunksPerThread: setup.options?.chunksPerThread ?? chunksPerThreadDefault,
      // A node that waits for work has no use for the memory of threads, and one that is starting joins sooner.
      lazy: true,
    },
  );
  registerWorkerMetrics(system.metrics, node);
  const findControllers = (): void => {
    const controllers = membership
      .members()
      .filter((member) => member.roles.includes(controllerRole) && isActive(member));
    node.setControllers(controllers.map(({ address }) => controllerAt(system, address)));
  };
  const members = membership.subscribe(findControllers);
  findControllers();
  system.coordinatedShutdown.addTask('before-service-unbind', 'grid-worker-leave', () => {
    members.cancel();
    meter.stop();
    node.leave();
  });
  return { node, ref };
}
