// What answers of a management server must have before anything is made of them: whatever else listens at an address may
// answer with JSON, too.

import { z } from 'zod';

const text = z.string();
const texts = z.array(text);
const count = z.number();

const member = z.object({ node: text, roles: texts, status: text });

interface ActorShape {
  readonly children: readonly ActorShape[];
}

const actor: z.ZodType<ActorShape> = z.object({
  name: text,
  path: text,
  mailbox: count,
  stashed: count,
  restarts: count,
  state: text,
  childCount: count,
  get children() {
    return z.array(actor);
  },
});

const stream = z.object({
  name: text,
  state: text,
  queuedFrames: count,
  queuedBytes: count,
  framesSent: count,
});

/** By the path that is asked. */
export const shapes = {
  '/cluster/members': z.object({
    selfNode: text,
    members: z.array(member),
    unreachable: z.array(z.object({ node: text, observedBy: texts })),
  }),
  '/parvi/members': z.object({ members: z.array(z.object({ node: text, age: count })) }),
  '/parvi/version': z.object({ parvi: text, node: text, system: text, uptimeSeconds: count }),
  '/parvi/event-loop': z.object({
    delaySeconds: z.object({ p50: count, p90: count, p99: count, max: count }),
  }),
  '/parvi/associations': z.object({
    associations: z.array(z.object({ address: text, streams: z.array(stream) })),
  }),
  '/parvi/actors': z.object({ total: count, shown: count, actors: z.array(actor) }),
  '/parvi/dead-letters': z.object({
    total: count,
    byReason: z.record(text, count),
    last: z.array(z.looseObject({ at: text })),
  }),
  '/parvi/config': z.object({
    options: z.array(z.object({ key: text, value: text, origin: text })),
  }),
} as const;

export type AskedPath = keyof typeof shapes;

/** Of one event of the cluster. */
export const eventShape = z.object({
  type: text,
  member: z
    .object({ uniqueAddress: z.object({ address: text }), status: text, roles: texts })
    .optional(),
  address: text.optional(),
  role: text.optional(),
  dataCenter: text.optional(),
});

/** Of the answer to a command. */
export const messageShape = z.object({ message: text });
