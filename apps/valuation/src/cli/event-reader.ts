// Reads server-sent events off a response.

import type { JobView } from '../http/views.ts';

/** Calls back with the job of each event; the last one. A stream that breaks ends like one that is closed. */
export async function lastJobOf(
  response: Response,
  onJob: (job: JobView) => void,
): Promise<JobView | undefined> {
  let last: JobView | undefined;
  let text = '';
  const decoder = new TextDecoder();
  const chunks = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  for (;;) {
    const chunk = await chunks.read().catch(() => undefined);
    if (chunk?.value === undefined) return last;
    text += decoder.decode(chunk.value, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').find((line) => line.startsWith('data: '));
      if (data === undefined) continue;
      last = JSON.parse(data.slice('data: '.length)) as JobView;
      onJob(last);
    }
  }
}
