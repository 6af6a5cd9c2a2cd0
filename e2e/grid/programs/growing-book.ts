// Runs in a pod: one job that lasts as long as it is wanted. It keeps workers busy and a queue before them until `/calm`
// is asked for; then its trades come few at a time, until `/finish` is, which ends the upload. Both answer with the
// number of trades so far.

import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const rates = { rush: 4000, calm: 20, finish: 0 };
type Phase = keyof typeof rates;

/** Enough for six workers to be wanted, and priced within a minute by one processor. */
const queuedMax = 8000;
const everyMs = 250;
let phase: Phase = 'rush';
let trades = 0;

/** Takes about a millisecond of a core with the steps below. */
function trade(): string {
  trades++;
  return JSON.stringify({
    instrument: 'americanOption',
    id: `T${trades}`,
    optionType: trades % 2 === 0 ? 'put' : 'call',
    underlying: 'ALPHA',
    strike: 40 + (trades % 9973) / 50,
    maturityDate: `20${27 + (trades % 3)}-0${1 + (trades % 9)}-22`,
  });
}

async function isQueueFull(): Promise<boolean> {
  const answer = await fetch('http://ve-ctrl:7777/v1/grid');
  const { queue } = (await answer.json()) as { readonly queue: { readonly trades: number } };
  return queue.trades > queuedMax;
}

async function* book(): AsyncGenerator<string> {
  for (; phase !== 'finish'; await pause(everyMs)) {
    if (phase === 'rush' && (await isQueueFull())) continue;
    const lines = Array.from({ length: (rates[phase] * everyMs) / 1000 }, trade);
    yield `${lines.join('\n')}\n`;
  }
}

createServer(({ url = '' }, response) => {
  const asked = url.slice(1);
  if (asked in rates) phase = asked as Phase;
  response.end(String(trades));
}).listen(8080);

const query = 'metric=OptionPV&engine=leisenReimer&steps=401&onError=skip&name=growing';
const request: RequestInit & { readonly duplex: 'half' } = {
  method: 'POST',
  headers: { 'content-type': 'application/x-ndjson' },
  body: ReadableStream.from(book()).pipeThrough(new TextEncoderStream()),
  duplex: 'half',
};
const answer = await fetch(`http://ve-ctrl:7777/v1/jobs?${query}`, request);
process.stdout.write(`${answer.status} ${await answer.text()}\n`);
