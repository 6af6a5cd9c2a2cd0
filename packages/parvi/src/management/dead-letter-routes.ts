// /parvi/dead-letters: how many there were for each reason, and the last of them. `?max=` says how many.

import { type DeadLetters, deadLetterReasons } from '../actor/index.ts';
import { isoTime } from '../runtime/index.ts';
import { jsonAnswer } from './answers.ts';
import { type DeadLetterRing, deadLettersKept } from './dead-letter-ring.ts';
import type { Route } from './protocol.ts';
import { wholeNumberOf } from './query.ts';

const letters = { name: 'max', default: 50, min: 0, max: deadLettersKept };

export function deadLetterRoutes(
  counts: Pick<DeadLetters, 'count'>,
  ring: DeadLetterRing,
): Route[] {
  return [
    {
      path: '/parvi/dead-letters',
      match: 'exact',
      group: 'other',
      methods: {
        GET: ({ query }) => {
          const seen = deadLetterReasons.flatMap((reason) => {
            const count = counts.count(reason);
            return count === 0 ? [] : [[reason, count] as const];
          });
          return jsonAnswer({
            total: counts.count(),
            byReason: Object.fromEntries(seen),
            last: ring.last(wholeNumberOf(query, letters)).map(({ atMs, ...letter }) => ({
              at: isoTime(atMs),
              ...letter,
            })),
          });
        },
      },
    },
  ];
}
