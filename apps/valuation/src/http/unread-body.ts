// A request may be answered before its body is whole: a refused upload, a body that no route asked for. Node reads on
// and drops what comes, so that the client gets to read the answer; here that comes to an end.

import type { FastifyInstance } from 'fastify';
import type { Timers } from 'parvi';

const drainMsMax = 10_000;

export function endUnreadBodies(server: FastifyInstance, timers: Timers): void {
  server.addHook('onResponse', async ({ raw }) => {
    if (raw.complete) return;
    const timer = timers.after(drainMsMax, () => raw.destroy());
    for (const event of ['end', 'close']) raw.once(event, () => timer.cancel());
  });
}
