// What is profiled: two actor systems that tell or ask flat out for some seconds. Started by `run.ts`, with the profiler.

import { parviContender } from '../remoting/parvi.ts';

const [kind, seconds] = process.argv.slice(2);
const perRound = { tell: 200_000, ask: 20_000 };

const contender = await parviContender();
const endMs = performance.now() + Number(seconds) * 1000;
let messages = 0;
while (performance.now() < endMs) {
  if (kind === 'tell') await contender.tell(perRound.tell);
  else await contender.ask(64, perRound.ask);
  messages += kind === 'tell' ? perRound.tell : perRound.ask;
}
await contender.close();
console.log(messages);
