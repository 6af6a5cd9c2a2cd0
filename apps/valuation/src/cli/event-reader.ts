// Reads server-sent events off a response.

import type { JobView } from '../http/views.ts';
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

/** Calls back with the job of each event. A stream that breaks ends like one that is closed. */
export async function readEvents(
  response: Response,
  onJob: (job: JobView) => void,
): Promise<StreamEnd> {
  let end: StreamEnd = { job: undefined, id: undefined, retryMs: undefined };
  let text = '';
  const decoder = new TextDecoder();
  const chunks = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  for (;;) {
    const chunk = await chunks
      .read()
      .catch((error: unknown) => ({ value: undefined, broken: error }));
    if (chunk.value === undefined) {
      const broken = 'broken' in chunk ? chunk.broken : undefined;
      return broken instanceof CliError ? { ...end, silence: broken } : end;
    }
    text += decoder.decode(chunk.value, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const field = (name: string): string | undefined =>
        event
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const retry = field('retry');
      if (retry !== undefined) end = { ...end, retryMs: Number(retry) };
      const data = field('data');
      if (data === undefined) continue;
      const job = JSON.parse(data) as JobView;
      end = { ...end, job, id: field('id') };
      onJob(job);
    }
  }
}
