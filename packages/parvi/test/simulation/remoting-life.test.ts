// Short lives of remoting; the long form is `npm run sim -- --remoting 1000`.

import { describe, expect, it } from 'vitest';
import { runRemotingLife } from './remoting-life.ts';

describe('remoting under faults', () => {
  it('delivers in order, tells each end exactly once, and nothing to or from the banned', async () => {
    for (let seed = 0; seed < 6; seed++) {
      expect((await runRemotingLife(seed)).messages).toBeGreaterThan(50);
    }
  }, 60_000);
});
