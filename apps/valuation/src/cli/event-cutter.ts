// Cuts the text of server-sent events into events. What an event has had so far is not looked at again, so that one in many
// pieces, or without end, takes no longer than its length says.

import { CliError, exitCodes } from './exit-codes.ts';

/** The longest event that is taken, in characters. One has some hundred, and some hundred for each worker. */
export const eventCharsMax = 1024 * 1024;

export class EventCutter {
  #text = '';
  /** Whether the last line has begun. */
  #isInLine = false;

  /**
   * Calls back with each event that is whole by this piece.
   *
   * @throws CliError when an event is longer than 1 MiB
   */
  push(piece: string, onEvent: (event: string) => void): void {
    let start = 0;
    let lineStart = 0;
    for (;;) {
      const end = piece.indexOf('\n', lineStart);
      if (end === -1) break;
      const isBlank = end === lineStart && !this.#isInLine;
      this.#isInLine = false;
      lineStart = end + 1;
      if (!isBlank) continue;
      this.#keep(piece.slice(start, end));
      start = lineStart;
      const event = this.#text;
      this.#text = '';
      onEvent(event);
    }
    if (lineStart < piece.length) this.#isInLine = true;
    this.#keep(piece.slice(start));
  }

  #keep(part: string): void {
    if (this.#text.length + part.length > eventCharsMax) throw tooLong();
    this.#text += part;
  }
}

const tooLong = (): CliError =>
  new CliError(
    'Cannot follow the job: what answers sends an event of more than 1 MiB, which no controller does',
    exitCodes.failed,
    'Name a controller with --url or VALUATION_URL',
  );
