import { expect, it } from 'vitest';
import {
  nothingAdvertised,
  stepTableAdvertising,
  type TableAdvertising,
  type TableAdvertisingEvent,
  tableOfVersion,
} from './compression-advertising.ts';

function run(events: readonly TableAdvertisingEvent[], from: TableAdvertising = nothingAdvertised) {
  let state = from;
  const advertised: (number | undefined)[] = [];
  for (const event of events) {
    const step = stepTableAdvertising(state, event);
    state = step.state;
    advertised.push(step.advertise?.version);
  }
  return { state, advertised };
}

const tick = (...keys: string[]) => ({ type: 'tick', keys }) as const;

it('advertises version 1 first and takes it into use when acknowledged', () => {
  const { state, advertised } = run([tick('a', 'b'), { type: 'acknowledged', version: 1 }]);
  expect(advertised).toEqual([1, undefined]);
  expect(state.active).toEqual({ version: 1, keys: ['a', 'b'] });
});

it('takes a frame that uses the new table for an acknowledgement', () => {
  expect(run([tick('a'), { type: 'used', version: 1 }]).state.active.version).toBe(1);
});

it('ignores acknowledgements of another version', () => {
  expect(run([tick('a'), { type: 'acknowledged', version: 9 }]).state.active.version).toBe(0);
});

it('keeps silent while nothing new is frequent', () => {
  const { advertised } = run([
    tick(),
    tick('a', 'b'),
    { type: 'acknowledged', version: 1 },
    tick('b'),
    tick('b', 'a'),
    tick('b', 'c'),
  ]);
  expect(advertised).toEqual([undefined, 1, undefined, undefined, undefined, 2]);
});

it('sends an unanswered table three times and then uses it on its own side', () => {
  const { state, advertised } = run([tick('a'), tick('a'), tick('a'), tick('a')]);
  expect(advertised).toEqual([1, 1, 1, undefined]);
  expect(state.active.version).toBe(1);
});

it('still reads the three tables before the active one', () => {
  let state = nothingAdvertised;
  for (let version = 1; version <= 6; version++) {
    state = run([tick(`k${version}`), { type: 'acknowledged', version }], state).state;
  }
  const readable = [0, 1, 2, 3, 4, 5, 6].filter((v) => tableOfVersion(state, v) !== undefined);
  expect(readable).toEqual([3, 4, 5, 6]);
});

it('reads a proposed table before it is acknowledged', () => {
  expect(tableOfVersion(run([tick('a')]).state, 1)?.keys).toEqual(['a']);
});

it('counts from 127 on to 0', () => {
  const from = { ...nothingAdvertised, active: { version: 127, keys: ['x'] } };
  expect(run([tick('a')], from).advertised).toEqual([0]);
});
