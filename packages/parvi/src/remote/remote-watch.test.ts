import { describe, expect, it } from 'vitest';
import {
  newRemoteWatch,
  type RemoteWatch,
  type RemoteWatchEffect,
  type RemoteWatchEvent,
  stepRemoteWatch,
} from './remote-watch.ts';

const address = { protocol: 'pekko', system: 'sys', host: '127.0.0.2', port: 25520 };
const watchee = 'pekko://sys@127.0.0.2:25520/user/a#1';
const other = 'pekko://sys@127.0.0.2:25520/user/b#2';

/** A detector that trips three seconds after the last heartbeat. */
const detector = {
  start: (nowMs: number) => nowMs,
  heartbeat: (_last: number, nowMs: number) => nowMs,
  isAvailable: (last: number, nowMs: number) => nowMs - last < 3000,
};

class Watcher {
  state: RemoteWatch<number> = newRemoteWatch();
  nowMs = 0;
  step(event: RemoteWatchEvent): readonly RemoteWatchEffect[] {
    const limits = { detector, firstReplyAfterMs: 1000 };
    const step = stepRemoteWatch(this.state, event, this.nowMs, limits);
    this.state = step.state;
    return step.effects;
  }
  watch(watcher: string, of = watchee) {
    return this.step({ type: 'watch', watchee: of, watcher, address });
  }
  unwatch(watcher: string) {
    return this.step({ type: 'unwatch', watchee, watcher, address });
  }
  reply(uid: bigint) {
    return this.step({ type: 'heartbeat-reply', address, uid });
  }
  tickAfter(ms: number) {
    this.nowMs += ms;
    return this.step({ type: 'tick' });
  }
}

describe('remote watch', () => {
  it('sends one Watch for any number of watchers', () => {
    const watcher = new Watcher();
    expect(watcher.watch('/x')).toEqual([{ type: 'send-watch', watchee, address }]);
    expect(watcher.watch('/y')).toEqual([]);
    expect(watcher.watch('/x')).toEqual([]);
  });

  it('sends Unwatch when the last watcher is gone, and heartbeats no longer', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.watch('/y');
    expect(watcher.unwatch('/x')).toEqual([]);
    expect(watcher.unwatch('/z')).toEqual([]);
    expect(watcher.unwatch('/y')).toEqual([{ type: 'send-unwatch', watchee, address }]);
    expect(watcher.tickAfter(1000)).toEqual([]);
  });

  it('tells all watchers of a death, once', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.watch('/y');
    const notice = {
      type: 'death-notice',
      watchee,
      address,
      existenceConfirmed: true,
      addressTerminated: false,
    } as const;
    expect(watcher.step(notice)).toEqual([
      {
        type: 'notify',
        watchee,
        watchers: ['/x', '/y'],
        existenceConfirmed: true,
        addressTerminated: false,
      },
    ]);
    expect(watcher.step(notice)).toEqual([]);
  });

  it('sends every Watch again after the first reply and to a new incarnation', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.watch('/x', other);
    const again = [
      { type: 'send-watch', watchee, address },
      { type: 'send-watch', watchee: other, address },
    ];
    expect(watcher.reply(1n)).toEqual(again);
    expect(watcher.reply(1n)).toEqual([]);
    expect(watcher.reply(2n)).toEqual(again);
  });

  it('reports a node that falls silent, once, with all that lived there', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.reply(9n);
    expect(watcher.tickAfter(2999)).toEqual([{ type: 'send-heartbeat', address }]);
    expect(watcher.tickAfter(1)).toMatchObject([
      { type: 'unreachable', address, uid: 9n },
      { type: 'notify', watchee, watchers: ['/x'], addressTerminated: true },
    ]);
    expect(watcher.tickAfter(1000)).toEqual([]);
  });

  it('notices a node that never answered', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.tickAfter(0);
    watcher.tickAfter(1000);
    expect(watcher.tickAfter(2999)).toEqual([{ type: 'send-heartbeat', address }]);
    expect(watcher.tickAfter(1)).toMatchObject([
      { type: 'unreachable', uid: undefined },
      { type: 'notify', existenceConfirmed: false },
    ]);
  });

  it('leaves members to the cluster, which tells when they are removed', () => {
    const watcher = new Watcher();
    watcher.step({ type: 'member-added', address });
    watcher.watch('/x');
    expect(watcher.tickAfter(60_000)).toEqual([]);
    expect(watcher.reply(1n)).toEqual([]);
    expect(watcher.step({ type: 'address-terminated', address })).toMatchObject([
      { type: 'notify', watchee, watchers: ['/x'], addressTerminated: true },
    ]);
    expect(watcher.step({ type: 'address-terminated', address })).toEqual([]);
  });

  it('stops heartbeats to a node that becomes a member', () => {
    const watcher = new Watcher();
    watcher.watch('/x');
    watcher.reply(1n);
    watcher.step({ type: 'member-added', address });
    expect(watcher.tickAfter(60_000)).toEqual([]);
  });

  it('watches fifty thousand actors and unwatches them, each step in the time of the first', () => {
    const watcher = new Watcher();
    const paths = Array.from({ length: 50_000 }, (_, i) => `${other}${i}`);
    const before = watcher.state;
    for (const path of paths) expect(watcher.watch('/x', path).length).toBe(1);
    expect(before.nodes.size).toBe(0);
    expect(watcher.reply(1n).length).toBe(paths.length);
    for (const path of paths.slice(1)) {
      watcher.step({ type: 'unwatch', watchee: path, watcher: '/x', address });
    }
    expect(watcher.step({ type: 'address-terminated', address })).toMatchObject([
      { type: 'notify', watchee: paths[0], watchers: ['/x'] },
    ]);
  });

  it('tells of the end of a silent node with two hundred thousand watched actors', () => {
    const watcher = new Watcher();
    for (let i = 0; i < 200_000; i++) watcher.watch('/x', `${other}${i}`);
    watcher.reply(1n);
    expect(watcher.tickAfter(3000).length).toBe(200_001);
  });
});
