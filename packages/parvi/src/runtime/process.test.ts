import { afterEach, describe, expect, it } from 'vitest';
import { residentReader, systemProcess } from './process.ts';

const cancels: (() => void)[] = [];
const listen = (callback: () => void): (() => void) => {
  const { cancel } = systemProcess.onSignal('SIGTERM', callback);
  cancels.push(cancel);
  return cancel;
};

afterEach(() => {
  for (const cancel of cancels.splice(0)) cancel();
});

describe('signals of the process', () => {
  it('reach every handler through one listener, however many nodes the process has', () => {
    const before = process.listenerCount('SIGTERM');
    const seen: number[] = [];
    for (let i = 0; i < 20; i++) listen(() => seen.push(i));
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('end the process by themselves again once the last handler is cancelled', () => {
    const before = process.listenerCount('SIGTERM');
    const seen: string[] = [];
    const cancel = listen(() => seen.push('first'));
    listen(() => seen.push('second'));
    cancel();
    cancel();
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(['second']);
    for (const each of cancels) each();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

describe('memory of the process', () => {
  it('is what it was last when the system does not tell, as without a free file descriptor', () => {
    const answers: (number | Error)[] = [100, new Error('EMFILE'), 120];
    const read = residentReader(() => {
      const answer = answers.shift() ?? 0;
      if (typeof answer === 'number') return answer;
      throw answer;
    });
    expect([read(), read(), read()]).toEqual([100, 100, 120]);
  });

  it('is more than nothing for this process', () => {
    expect(systemProcess.residentBytes()).toBeGreaterThan(1e7);
  });
});
