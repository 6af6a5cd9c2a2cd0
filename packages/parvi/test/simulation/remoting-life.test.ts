// Short lives of remoting; the long form is `npm run sim -- --remoting 1000`. The seeds named are of lives in which
// something went wrong once.

import { describe, expect, it } from 'vitest';
import { runRemotingLife } from './remoting-life.ts';

describe('remoting under faults', () => {
  it('delivers in order, tells each end exactly once, and nothing to or from the banned', async () => {
    for (let seed = 0; seed < 5; seed++) {
      expect((await runRemotingLife(seed)).messages).toBeGreaterThan(50);
    }
  }, 60_000);

  it.each([
    [4, 'compressed frames waited for a process that was gone'],
    [28, 'numbered frames waited for a process that was gone'],
    [30, 'numbered frames were written to a process that had taken the place of another'],
  ])('lives seed %i, in which %s', async (seed) => {
    expect((await runRemotingLife(seed)).messages).toBeGreaterThan(50);
  });
});
