import { describe, expect, it } from 'vitest';
import {
  emptyRegistry,
  type HeartbeatHistory,
  heartbeatFrom,
  isAvailable,
  meanOf,
  type PhiAccrualOptions,
  phi,
  phiOf,
  startOf,
  varianceOf,
  withHeartbeat,
  withoutPeer,
} from './phi-accrual.ts';

const options: PhiAccrualOptions = {
  threshold: 8,
  samplesMax: 1000,
  minStdDeviationMs: 100,
  acceptablePauseMs: 0,
  firstEstimateMs: 1000,
};

function heard(
  times: readonly number[],
  with_: PhiAccrualOptions = options,
): HeartbeatHistory | undefined {
  let history: HeartbeatHistory | undefined;
  for (const time of times) history = withHeartbeat(history, time, with_);
  return history;
}

describe('phi', () => {
  it.each([
    [0, 0, 10, 0.30103],
    [6, 0, 10, 0.56205],
    [15, 0, 10, 1.17427],
    [20, 0, 10, 1.64283],
    [25, 0, 10, 2.21607],
    [35, 0, 10, 3.74245],
    [40, 0, 10, 4.73669],
    [22, 20, 3, 0.59795],
    [500, 1000, 100, 0],
    [1000, 1000, 100, 0.30103],
    [1200, 1000, 100, 1.64283],
    [1400, 1000, 100, 4.73669],
    [1600, 1000, 100, 10.7826],
    [1700, 1000, 100, 15.36853],
    [1100, 1000, 500, 0.37607],
    [1100, 1000, 100, 0.79951],
    [10, 0, 1, 37.58471],
    [-25, 0, 1, 0],
  ])(
    'after %d ms of silence, with intervals of %d ± %d ms, is %d',
    (elapsed, mean, deviation, value) => {
      expect(phiOf(elapsed, mean, deviation)).toBeCloseTo(value, 4);
    },
  );

  it('grows with silence', () => {
    const values = Array.from({ length: 41 }, (_, elapsed) => phiOf(elapsed, 0, 10));
    values.slice(1).forEach((value, index) => {
      expect(value).toBeGreaterThan(values[index] ?? Number.NaN);
    });
  });

  it('is nothing for a peer never heard of', () => {
    expect(phi(undefined, 5000, options)).toBe(0);
    expect(isAvailable(undefined, 5000, options)).toBe(true);
  });

  it('starts from the estimate after the first heartbeat', () => {
    const history = heard([0]);
    expect(phi(history, 1000, options)).toBeCloseTo(0.301, 3);
    expect(phi(history, 2000, options)).toBeCloseTo(4.7367, 3);
    expect(phi(history, 3000, options)).toBeCloseTo(21.2416, 3);
    expect(phi(history, 100, options)).toBeCloseTo(0.0000513, 6);
    expect(phi(heard([0, 200]), 300, options)).toBeCloseTo(0.0315, 4);
  });
});

describe('a peer', () => {
  it('is available until its silence is out of proportion', () => {
    const strict = { ...options, threshold: 3 };
    const history = heard([0, 1000, 1100], strict);
    expect(phi(history, 1200, strict)).toBeCloseTo(0.0257, 4);
    expect(isAvailable(history, 1200, strict)).toBe(true);
    expect(phi(history, 8200, strict)).toBeGreaterThan(100);
    expect(isAvailable(history, 8200, strict)).toBe(false);
  });

  it('may be silent for the acceptable pause', () => {
    const patient = { ...options, acceptablePauseMs: 3000 };
    const first = heard([0, 1000, 2000, 3000], patient);
    expect(isAvailable(first, 7000, patient)).toBe(true);
    expect(phi(first, 7000, patient)).toBeCloseTo(0.301, 3);
    expect(isAvailable(withHeartbeat(first, 8000, patient), 9000, patient)).toBe(true);
    const second = heard([0, 1000, 2000, 3000, 4000, 5000], patient);
    expect(isAvailable(withHeartbeat(second, 6000, patient), 11_000, patient)).toBe(false);
  });

  it('is lost after 4.5 s when it was regular, after 5.3 s when it is new', () => {
    const cluster = { ...options, acceptablePauseMs: 3000 };
    const regular = startOf(new Array<number>(1000).fill(1000), 0);
    expect(isAvailable(regular, 4522, cluster)).toBe(true);
    expect(isAvailable(regular, 4524, cluster)).toBe(false);
    expect(isAvailable(heard([0], cluster), 5306, cluster)).toBe(true);
    expect(isAvailable(heard([0], cluster), 5308, cluster)).toBe(false);
  });

  it('is available again with its next heartbeat, and the silence is not taken for its habit', () => {
    const cluster = { ...options, acceptablePauseMs: 3000 };
    let history: HeartbeatHistory | undefined;
    let time = 0;
    for (; time < 1_000_000; time += 1000) history = withHeartbeat(history, time + 1000, cluster);
    for (let round = 0; round < 2; round++) {
      expect(isAvailable(history, time + 300_000, cluster)).toBe(false);
      time += 300_100;
      history = withHeartbeat(history, time, cluster);
      expect(isAvailable(history, time + 900, cluster)).toBe(true);
      expect(isAvailable(history, time + 7000, cluster)).toBe(false);
    }
    expect(meanOf(history ?? startOf([], 0))).toBeCloseTo(1000, 0);
  });

  it('is judged by its latest intervals only', () => {
    const short = { ...options, samplesMax: 3 };
    const fast = phi(heard([0, 100, 200, 300], short), 400, short);
    const slow = phi(heard([0, 100, 200, 300, 1000, 1500, 2000, 2500], short), 3000, short);
    expect(fast).toBeCloseTo(0.30103, 4);
    expect(slow).toBeCloseTo(fast, 3);
  });
});

describe('the intervals', () => {
  const historyOf = (intervals: readonly number[], samplesMax: number): HeartbeatHistory => {
    const wide = { ...options, samplesMax, acceptablePauseMs: 1e6 };
    let time = 0;
    let history = startOf(intervals.slice(0, 1), 0);
    for (const interval of intervals.slice(1)) {
      time += interval;
      history = withHeartbeat(history, time, wide);
    }
    return history;
  };

  it('have a mean and a variance', () => {
    const history = historyOf([100, 200, 125, 340, 130], 20);
    expect(meanOf(history)).toBeCloseTo(179, 8);
    expect(varianceOf(history)).toBeCloseTo(7584, 8);
    expect(varianceOf(historyOf([100], 20))).toBe(0);
  });

  it('are kept up to the limit', () => {
    const figures = [
      [[100, 110, 90], 100, 66.6666667],
      [[100, 110, 90, 140], 113.3333333, 422.2222222],
      [[100, 110, 90, 140, 80], 103.3333333, 688.88888889],
    ] as const;
    for (const [intervals, mean, variance] of figures) {
      expect(meanOf(historyOf(intervals, 3))).toBeCloseTo(mean, 6);
      expect(varianceOf(historyOf(intervals, 3))).toBeCloseTo(variance, 6);
    }
  });

  it('of an older history are not changed by what is added to newer ones', () => {
    const base = heard([0, 1000, 2000]) ?? startOf([], 0);
    const one = withHeartbeat(base, 3000, options);
    const other = withHeartbeat(base, 3500, options);
    expect(meanOf(one)).toBeCloseTo(1000, 8);
    expect(meanOf(other)).toBeCloseTo((750 + 1250 + 1000 + 1000 + 1500) / 5, 8);
    expect(meanOf(base)).toBe(1000);
  });

  it('do not grow in memory beyond a few times the limit', () => {
    const short = { ...options, samplesMax: 10 };
    let history = heard([0], short) ?? startOf([], 0);
    for (let beat = 1; beat <= 1000; beat++) history = withHeartbeat(history, beat * 1000, short);
    expect(history.intervals.length).toBeLessThan(40);
    expect(history.to - history.from).toBe(10);
  });
});

describe('the registry', () => {
  it('keeps peers apart and starts afresh after a removal', () => {
    const strict = { ...options, threshold: 3 };
    let registry = emptyRegistry;
    for (const time of [0, 1000, 1100]) registry = heartbeatFrom(registry, 'one', time, strict);
    registry = heartbeatFrom(registry, 'two', 8200, strict);
    expect(isAvailable(registry.get('one'), 8200, strict)).toBe(false);
    expect(isAvailable(registry.get('two'), 8200, strict)).toBe(true);
    registry = withoutPeer(registry, 'one');
    expect(isAvailable(registry.get('one'), 8200, strict)).toBe(true);
    registry = heartbeatFrom(registry, 'one', 9000, strict);
    expect(meanOf(registry.get('one') ?? startOf([], 0))).toBe(1000);
  });
});
