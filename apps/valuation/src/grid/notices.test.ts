import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import { Notices } from './notices.ts';
import type { JobView } from './views.ts';

describe('notices of jobs', () => {
  it('come at most five times a second while chunks come back', () => {
    const time = new ManualTime();
    let views = 0;
    const published: string[] = [];
    const notices = new Notices({
      timers: time.timers,
      view: (id) => ({ id, priced: ++views }) as JobView,
      publish: (all) => published.push(...all.map(({ id }) => id)),
    });
    const told: string[] = [];
    notices.watch('a', (view) => told.push(view.id));
    for (let ms = 0; ms < 1000; ms++) {
      notices.changed('a');
      notices.changed('b');
      time.advance(1);
    }
    expect(told).toHaveLength(5);
    expect(published).toHaveLength(10);
    notices.tellNow('a');
    expect(told).toHaveLength(6);
  });

  it('stop when the listener has enough', () => {
    const time = new ManualTime();
    const notices = new Notices({
      timers: time.timers,
      view: (id) => ({ id }) as JobView,
      publish: () => {},
    });
    const told: string[] = [];
    const one = notices.watch('a', (view) => told.push(`one ${view.id}`));
    const all = notices.watchAll((view) => told.push(`all ${view.id}`));
    notices.tellNow('a');
    one.cancel();
    notices.tellNow('a');
    all.cancel();
    notices.tellNow('a');
    expect(told).toEqual(['all a', 'one a', 'all a']);
  });
});
