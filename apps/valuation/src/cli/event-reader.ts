// Reads server-sent events off a response.

import type { JobView } from '../http/views.ts';
import { EventCutter } from './event-cutter.ts';
import { CliError } from './exit-codes.ts';

/** Where a stream ended. */
export interface StreamEnd {
  /** The job of the last event. */
  readonly job: JobView | undefined;
  /** The id of the last event: another stream goes on behind it. */
  readonly id: string | undefined;
  /** How soon the controller would have the client connect again. */
  readonly retryMs: number | undefined;
  /** Why it was not waited for any longer. */
  readonly silence?: CliError;
}

/**
 * Calls back with the job of each event. A stream that breaks ends like one that is closed.
 *
 * @throws CliError when an event is longer than 1 MiB
 */
export async function readEvents(
  response: Response,
  onJob: (job: JobView) => void,
): Promise<StreamEnd> {
  let end: StreamEnd = { job: undefined, id: undefined, retryMs: undefined };
  const onEvent = (event: string): void => {
    const { retry, data, id } = fieldsOf(event);
    if (retry !== undefined) end = { ...end, retryMs: Number(retry) };
    if (data === undefined) return;
    const job = JSON.parse(data) as JobView;
    end = { ...end, job, id };
    onJob(job);
  };
  const cutter = new EventCutter();
  const decoder = new TextDecoder();
  const chunks = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  try {
    for (;;) {
      const chunk = await chunks
        .read()
        .catch((error: unknown) => ({ value: undefined, broken: error }));
      if (chunk.value === undefined) {
        const broken = 'broken' in chunk ? chunk.broken : undefined;
        return broken instanceof CliError ? { ...end, silence: broken } : end;
      }
      cutter.push(decoder.decode(chunk.value, { stream: true }), onEvent);
    }
  } finally {
    // Nobody reads on; what has broken already is told above.
    chunks.cancel().catch(() => undefined);
  }
}

/** The value of the first line with each of the names that matter. */
function fieldsOf(event: string): Record<'retry' | 'data' | 'id', string | undefined> {
  const lines = event.split('\n');
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  return { retry: field('retry'), data: field('data'), id: field('id') };
}
