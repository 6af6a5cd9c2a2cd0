import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Mailbox } from './mailbox.ts';

it('behaves like a plain list of messages and senders, through growth and wrap-around', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('push'), times: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ do: fc.constant('unshift'), times: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant('shift'), times: fc.integer({ min: 1, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const mailbox = new Mailbox();
      const model: [number, string][] = [];
      let next = 0;
      for (const { do: what, times } of actions) {
        for (let i = 0; i < times; i++) {
          const entry: [number, string] = [next++, `sender ${next}`];
          if (what === 'push') {
            mailbox.push(...entry);
            model.push(entry);
          } else if (what === 'unshift') {
            mailbox.unshift(...entry);
            model.unshift(entry);
          } else if (model.length > 0) {
            const [message, sender] = model.shift() ?? [];
            expect(mailbox.shift()).toBe(message);
            expect(mailbox.sender).toBe(sender);
          }
        }
        expect(mailbox.size).toBe(model.length);
      }
    }),
  );
});

it('gives the memory of a large burst back once it is empty', () => {
  const mailbox = new Mailbox();
  for (let i = 0; i < 200_000; i++) mailbox.push(i, undefined);
  expect(mailbox.slots.length).toBeGreaterThan(200_000);
  let inOrder = 0;
  for (let i = 0; i < 200_000; i++) if (mailbox.shift() === i) inOrder++;
  expect(inOrder).toBe(200_000);
  expect(mailbox.slots.length).toBeLessThan(100);
});

it('keeps nothing that was taken alive', () => {
  const mailbox = new Mailbox();
  mailbox.push({}, {});
  mailbox.shift();
  expect(mailbox.slots.every((slot) => slot === undefined)).toBe(true);
});
