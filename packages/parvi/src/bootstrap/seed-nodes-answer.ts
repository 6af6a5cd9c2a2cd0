// What a contact point answers at `/bootstrap/seed-nodes`, of a Parvi or a JVM node (Pekko `HttpBootstrapJsonProtocol`).

import { z } from 'zod';
import { toError } from '../runtime/index.ts';

/** A uid is a signed 64-bit number in this JSON; more than a `number` holds, so it is kept as its text. */
const seedNodesSchema = z.object({
  selfNode: z.string().min(1),
  seedNodes: z.array(z.object({ node: z.string().min(1), nodeUid: z.string().optional() })),
});

export type SeedNodesAnswer = z.output<typeof seedNodesSchema>;

/** @throws Error that says what is wrong with the text */
export function parseSeedNodes(text: string): SeedNodesAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text, uidAsText);
  } catch (error) {
    throw new Error(`an answer that is not JSON (${toError(error).message})`);
  }
  const parsed = seedNodesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `an answer without the expected "${issue?.path.join('.') ?? ''}" (${issue?.message ?? ''})`,
  );
}

interface SourceContext {
  readonly source?: string;
}

/** A reviver is told the text of each number as well. */
function uidAsText(key: string, value: unknown, context?: SourceContext): unknown {
  return key === 'nodeUid' && typeof value === 'number'
    ? (context?.source ?? String(value))
    : value;
}
