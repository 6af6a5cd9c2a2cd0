// One question at a time to the name service for each name. The system's resolver has four threads, which the whole
// process shares, and may hold one for ten seconds over a name of which nobody knows; three streams dial each peer.

import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answer = Parameters<LookupFunction>[2];

/** Who asks while the same question is on its way gets the same answer; nothing is remembered after it. */
export function sharedLookup(ask: LookupFunction = systemLookup): LookupFunction {
  const waiting = new Map<string, Answer[]>();
  return (name, options, answer) => {
    const question = JSON.stringify([name, options.all, options.family, options.hints]);
    const others = waiting.get(question);
    if (others !== undefined) {
      others.push(answer);
      return;
    }
    const all = [answer];
    waiting.set(question, all);
    ask(name, options, (...told) => {
      waiting.delete(question);
      for (const each of all) each(...told);
    });
  };
}
