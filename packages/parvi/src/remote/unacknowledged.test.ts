import fc from 'fast-check';
import { expect, it } from 'vitest';
import { append, dropUpTo, entries, first, nothingUnacknowledged } from './unacknowledged.ts';

it('behaves as a plain list under any sequence of appends and drops', () => {
  const operations = fc.array(fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 40 })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(operations, (steps) => {
      let list = nothingUnacknowledged<string>();
      let model: number[] = [];
      let seqNo = 0;
      for (const upTo of steps) {
        if (upTo === undefined) {
          seqNo++;
          list = append(list, { seqNo, message: `m${seqNo}` });
          model.push(seqNo);
        } else {
          list = dropUpTo(list, upTo);
          model = model.filter((n) => n > upTo);
        }
        expect(list.size).toBe(model.length);
        expect(entries(list).map((entry) => entry.seqNo)).toEqual(model);
        expect(first(list)?.seqNo).toBe(model[0]);
      }
    }),
  );
});

it('takes twenty thousand entries and acknowledgements one by one without slowing down', () => {
  let list = nothingUnacknowledged<number>();
  for (let i = 1; i <= 20_000; i++) list = append(list, { seqNo: i, message: i });
  for (let i = 1; i <= 20_000; i++) list = dropUpTo(list, i);
  expect(list.size).toBe(0);
});
