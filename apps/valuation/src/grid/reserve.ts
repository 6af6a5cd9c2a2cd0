// The controller's own thread: a worker of last resort. It prices what somebody waits for while no worker is there, and
// nothing else; a grid that is just starting, or has lost all its workers, still answers a question about one trade.

import type { ControllerNode } from './controller-node.ts';
import type { ControllerMessage, Peer, WorkerMessage } from './protocol.ts';
import type { StartThread } from './threads/thread-pool.ts';
import { WorkerNode } from './worker-node.ts';

const reserveThreads = 1;

export function startReserve(node: ControllerNode, startThread: StartThread): WorkerNode {
  const { clock, timers, log, membership } = node.ports;
  const address = membership.selfAddress;
  const self: Peer<WorkerMessage> = {
    path: `${address}/reserve`,
    tell: (message) => worker.receive(message),
  };
  const controller: Peer<ControllerMessage> = {
    path: node.ports.self.path,
    tell: (message) => {
      if (message.type === 'workerStatus') node.scheduler.receiveReserve(message);
      else node.receive(message);
    },
  };
  const worker: WorkerNode = new WorkerNode(
    {
      clock,
      timers,
      log: log.child({ role: 'reserve' }),
      self,
      address,
      startThread,
      meter: { sample: () => ({ loopDelayP99Ms: 0, rssBytes: 0 }), stop: () => {} },
    },
    { threads: reserveThreads, chunksPerThread: 1, lazy: true },
  );
  worker.setControllers([controller]);
  return worker;
}
