import fc from 'fast-check';
import { assert } from 'parvi/runtime';
import { describe, expect, it } from 'vitest';
import { HandOverModel, jobEnded } from './hand-over-model.ts';

type Deed =
  | { readonly kind: 'deliver' | 'lose' | 'double' | 'finish'; readonly at: number }
  | { readonly kind: 'keep' | 'storeAtGiver' | 'storeAtTaker' | 'status' }
  | { readonly kind: 'tick'; readonly ms: number };

const at = fc.nat(5);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('lose' as const, 'double' as const), at }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), at }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom('keep' as const, 'storeAtGiver' as const, 'storeAtTaker' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('status' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.nat(1200) }),
  },
);

function perform(model: HandOverModel, one: Deed): void {
  switch (one.kind) {
    case 'deliver':
      model.messages.splice(one.at, 1)[0]?.();
      break;
    case 'lose':
      model.messages.splice(one.at, 1);
      break;
    case 'double':
      model.messages[one.at]?.();
      break;
    case 'finish':
      model.finish(one.at);
      break;
    case 'keep':
      model.keep();
      break;
    case 'storeAtGiver':
      model.store('giver');
      break;
    case 'storeAtTaker':
      model.store('taker');
      break;
    case 'status':
      model.status();
      break;
    case 'tick':
      model.tick(one.ms);
      break;
  }
}

/** From here on all goes well, until the hand-over is over and the job has ended where it is. */
function settle(model: HandOverModel): void {
  for (let i = 0; i < 3000; i++) {
    if (model.isOver && model.messages.length === 0 && jobEnded(model.owner())) return;
    model.messages.shift()?.();
    model.keep();
    if (i % 3 === 0) model.finish(0);
    model.store('giver');
    model.store('taker');
    model.tick(30);
    if (i % 20 === 0) model.status();
  }
}

/** All goes well for so many steps, while workers are slow. */
function goOn(model: HandOverModel, steps: number): void {
  for (let i = 0; i < steps && model.giving.phase !== 'committing'; i++) {
    model.messages.shift()?.();
    model.keep();
    if (i % 10 === 0) model.finish(0);
    model.store('giver');
    model.tick(90);
  }
}

const trades = fc.integer({ min: 1, max: 120 });
const begun = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 }));
const deeds = fc.array(deed, { maxLength: 120 });
const long = 1_000_000;

describe('a hand-over', () => {
  it('ends with each trade priced once, at one controller, whatever is lost, doubled, swapped or late', () => {
    let taken = 0;
    fc.assert(
      fc.property(trades, begun, deeds, (count, steps, list) => {
        const model = new HandOverModel(count, long);
        goOn(model, steps);
        for (const one of list) perform(model, one);
        settle(model);
        assert(model.ends.length === 1, 'a hand-over ends once');
        if (model.ends[0] === 'taken') taken++;
        model.assertPricedOnce(count);
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it('leaves the job with the giver when the taker dies, whenever that is', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(trades, begun, deeds, deeds, (count, steps, before, after) => {
        const model = new HandOverModel(count, long);
        goOn(model, steps);
        for (const one of before) perform(model, one);
        const hadIt = model.ends.includes('taken');
        model.kill('taker');
        for (const one of after) perform(model, one);
        settle(model);
        for (const end of model.ends) ends.add(end);
        // What the taker had told that it took is gone with it.
        if (hadIt) assert(model.owner() === undefined, 'a job that was given is given');
        else model.assertPricedOnce(count);
      }),
      { numRuns: 300 },
    );
    expect(ends).toContain('peer-gone');
  });

  it('leaves the job with the taker or nowhere when the giver dies, whenever that is', () => {
    fc.assert(
      fc.property(trades, begun, deeds, deeds, (count, steps, before, after) => {
        const model = new HandOverModel(count, long);
        goOn(model, steps);
        for (const one of before) perform(model, one);
        model.kill('giver');
        for (const one of after) perform(model, one);
        settle(model);
        if (model.owner() !== undefined) model.assertPricedOnce(count);
      }),
      { numRuns: 300 },
    );
  });

  it('ends in its time, and is in doubt only when the other was asked to take the job', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(trades, begun, deeds, fc.nat(3000), (count, steps, list, moreMs) => {
        const untilMs = steps * 90 + moreMs;
        const model = new HandOverModel(count, untilMs);
        goOn(model, steps);
        for (const one of list) perform(model, one);
        const left = model.messages.splice(0);
        for (let ms = 0; ms < untilMs + 1100; ms += 100) model.tick(100);
        assert(model.isOver, 'a hand-over ends in its time');
        for (const deliver of left) deliver();
        for (const end of model.ends) ends.add(end);
        settle(model);
        // In doubt, the job stands still at the giver; it goes on at the taker or nowhere.
        const inDoubt = model.ends.includes('in-doubt');
        if (model.owner() !== undefined) model.assertPricedOnce(count);
        else assert(inDoubt, 'a job goes on somewhere');
      }),
      { numRuns: 400 },
    );
    expect(ends).toContain('time-over');
    expect(ends).toContain('in-doubt');
  });
});
