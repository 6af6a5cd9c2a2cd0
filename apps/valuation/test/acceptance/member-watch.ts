// Follows the membership as a controller tells it, so that a test can say what was never shown.

import type { MemberEventView } from '../../src/http/views.ts';

export class MemberWatch {
  readonly events: MemberEventView[] = [];
  readonly #stop = new AbortController();

  /** Resolves when the stream is open: whatever happens from then on is seen. */
  static async open(url: string): Promise<MemberWatch> {
    const watch = new MemberWatch();
    const response = await fetch(`${url}/v1/grid/events`, { signal: watch.#stop.signal });
    watch.#read(response).catch(() => undefined);
    return watch;
  }

  changesOf(address: string): string[] {
    return this.events.filter((event) => event.address === address).map(({ change }) => change);
  }

  close(): void {
    this.#stop.abort();
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block.split('\n'));
    }
  }

  #take(lines: readonly string[]): void {
    if (!lines.includes('event: member')) return;
    const data = lines.find((line) => line.startsWith('data: '));
    if (data !== undefined) this.events.push(JSON.parse(data.slice(6)) as MemberEventView);
  }
}
