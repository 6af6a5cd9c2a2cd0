// The bundled portfolio, and the part of it that each metric is asked of.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** NDJSON, one trade a line. */
export const bundledPortfolio = fileURLToPath(
  new URL('../../../portfolio/bundled.ndjson', import.meta.url),
);

/** The trades whose instrument is in the list, as NDJSON text blocks. */
export async function* tradesOf(
  file: string,
  instruments: readonly string[],
): AsyncGenerator<Uint8Array> {
  const wanted = instruments.map((name) => `"instrument":"${name}"`);
  let block = '';
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!wanted.some((mark) => line.includes(mark))) continue;
    block += `${line}\n`;
    if (block.length > 65_536) {
      yield Buffer.from(block);
      block = '';
    }
  }
  if (block !== '') yield Buffer.from(block);
}
