// `parvi cluster watch` and `parvi cluster tail`.

import { describe, expect, it } from 'vitest';
import { address, FakeNode, Lasting, Raw, silence, view } from './fake-node.ts';

const members = 'GET /cluster/members';
const events = 'GET /cluster/domain-events';

describe('watching', () => {
  it('waits through a node that is not there yet, until all conditions hold', async () => {
    const node = new FakeNode();
    node.replies[members] = () => {
      const nowMs = node.time.clock.nowMs();
      if (nowMs < 2000) throw silence;
      return nowMs < 4000 ? view(['Up', 'Joining']) : view(['Up', 'Up']);
    };
    expect(await node.run('cluster', 'watch', '--until', 'up=2,unreachable=0')).toBe(0);
    expect(node.out).toBe('up=2, unreachable=0 after 4.0 s\n');
  });

  it('ends with 3 and says how it stands when the time is over', async () => {
    const node = new FakeNode();
    node.replies[members] = view(['Up', 'Up', 'Up'], [3]);
    const words = ['cluster', 'watch', '--until', 'up>=3', '--wait-seconds', '2'];
    expect(await node.run(...words)).toBe(3);
    expect(node.error).toBe('parvi: After 2 s it is up=2; wanted up>=3\n');
  });

  it('tells as JSON how it stands at each change, a line each', async () => {
    const node = new FakeNode();
    node.replies[members] = () => {
      const nowMs = node.time.clock.nowMs();
      if (nowMs < 1000) throw silence;
      return nowMs < 3000 ? view(['Up', 'Joining']) : view(['Up', 'Up']);
    };
    expect(await node.run('--json', 'cluster', 'watch', '--until', 'up=2')).toBe(0);
    const told = node.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told).toMatchObject([
      { afterSeconds: 0, isMet: false },
      { afterSeconds: 1, isMet: false, counts: { up: 1 } },
      { afterSeconds: 3, isMet: true, counts: { up: 2 } },
    ]);
    expect(told[0]).not.toHaveProperty('counts');
  });

  it.each([
    ['members=3', 0],
    ['up=2', 0],
    ['up>=2,joining<=1', 0],
    ['role:valeng=1', 0],
    ['role:ctrl=2', 3],
    ['unreachable=1', 3],
    ['weaklyup>=1', 3],
  ])('counts %s', async (conditions, code) => {
    const node = new FakeNode();
    node.replies[members] = view(['Up', 'Up', 'Joining']);
    const words = ['--until', conditions, '--wait-seconds', '1'];
    expect(await node.run('cluster', 'watch', ...words)).toBe(code);
  });

  it.each(['', 'up', 'up=', 'up=x', 'up>3', 'ups=3', 'up=-1', 'up=1,', 'role:=1'])(
    'refuses "%s"',
    async (conditions) => {
      const node = new FakeNode();
      expect(await node.run('cluster', 'watch', '--until', conditions)).toBe(2);
      expect(node.asked).toEqual([]);
    },
  );

  it('does not wait for a node that refuses', async () => {
    const node = new FakeNode();
    node.replies[members] = new Raw(401, 'no');
    expect(await node.run('cluster', 'watch', '--until', 'up=1')).toBe(5);
  });

  it('ends at Ctrl-C with 130', async () => {
    const node = new FakeNode();
    node.replies[members] = view(['Joining']);
    node.time.timers.after(1200, () => node.interrupted.abort());
    expect(await node.run('cluster', 'watch', '--until', 'up=1')).toBe(130);
    expect(node.error).toBe('');
  });
});

const member = (n: number) => ({
  uniqueAddress: { address: address(n), longUid: n },
  status: 'Up',
  roles: ['ctrl'],
  dataCenter: 'default',
});
const frame = (event: { readonly type: string }): string =>
  `data:${JSON.stringify(event)}\nevent:${event.type}\n\n`;

/** Uids are texts: JavaScript's numbers do not hold all of them. */
const shown = (event: { readonly type: string; readonly member: ReturnType<typeof member> }) => ({
  ...event,
  member: {
    ...event.member,
    uniqueAddress: {
      ...event.member.uniqueAddress,
      longUid: String(event.member.uniqueAddress.longUid),
    },
  },
});

describe('the tail', () => {
  it('tells events in a line each, however the stream is cut, and leaves heartbeats out', async () => {
    const node = new FakeNode();
    const text = [
      frame({ type: 'MemberUp', member: member(1) } as never),
      'data:\n\n',
      frame({ type: 'LeaderChanged' }),
      frame({ type: 'RoleLeaderChanged', role: 'ctrl', address: address(1) } as never),
      frame({ type: 'MemberRemoved', member: member(2), previousStatus: 'Down' } as never),
    ].join('');
    node.replies[events] = () => {
      node.time.timers.after(100, () => node.interrupted.abort());
      return new Raw(200, ...(text.match(/[\s\S]{1,7}/g) ?? []));
    };
    expect(await node.run('cluster', 'tail')).toBe(130);
    expect(node.out.replace(/^\S+Z {2}/gm, '').split('\n')).toEqual([
      `MemberUp          ${address(1)} [ctrl] (already)`,
      'LeaderChanged     nobody (already)',
      `RoleLeaderChanged ctrl ${address(1)} (already)`,
      `MemberRemoved     ${address(2)} [ctrl] was Down`,
      '',
    ]);
  });

  it('marks how things stood at first in JSON by one field more', async () => {
    const node = new FakeNode();
    const up = { type: 'MemberUp', member: member(1) };
    const left = { type: 'MemberLeft', member: { ...member(1), status: 'Leaving' } };
    node.replies[events] = () => new Lasting(200, frame(up), frame(left));
    node.time.timers.after(1000, () => node.interrupted.abort());
    expect(await node.run('--json', 'cluster', 'tail')).toBe(130);
    const told = node.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told).toEqual([
      { time: expect.any(String), ...shown(up), already: true },
      { time: expect.any(String), ...shown(left) },
    ]);
  });

  it('asks again when the node restarts, but not when nobody was ever there', async () => {
    const node = new FakeNode();
    let times = 0;
    node.replies[events] = () => {
      times++;
      if (times === 2) throw silence;
      if (times === 4) node.interrupted.abort();
      return new Raw(200, frame({ type: 'MemberUp', member: member(times) } as never));
    };
    expect(await node.run('--json', 'cluster', 'tail')).toBe(130);
    const told = node.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.map((event) => event.member.uniqueAddress.longUid)).toEqual(['1', '3']);
    expect(node.error).toContain('asking again');
    const other = new FakeNode();
    other.replies[events] = () => {
      throw silence;
    };
    expect(await other.run('cluster', 'tail')).toBe(4);
  });

  it('goes on at another node behind the same name, shows what it missed, and says so', async () => {
    const node = new FakeNode();
    const leader = { type: 'LeaderChanged', address: address(1) };
    const streams = [
      new Raw(
        200,
        ...[1, 2, 3].map((n) => frame({ type: 'MemberUp', member: member(n) } as never)),
        frame(leader),
        frame({ type: 'ClusterShuttingDown' }),
        frame({ type: 'MemberRemoved', member: member(3), previousStatus: 'Up' } as never),
      ),
      new Lasting(200),
      new Lasting(
        200,
        ...[1, 3, 4].map((n) => frame({ type: 'MemberUp', member: member(n) } as never)),
        frame(leader),
      ),
    ];
    node.replies[events] = () => streams.shift();
    node.time.timers.after(10_000, () => node.interrupted.abort());
    expect(await node.run('cluster', 'tail')).toBe(130);
    expect(node.out.replace(/^\S+Z {2}/gm, '').split('\n')).toEqual([
      ...[1, 2, 3].map((n) => `MemberUp          ${address(n)} [ctrl] (already)`),
      `LeaderChanged     ${address(1)} (already)`,
      'ClusterShuttingDown',
      `MemberUp          ${address(4)} [ctrl] (missed)`,
      `MemberRemoved     ${address(2)} [ctrl] was Up (missed)`,
      '',
    ]);
    expect(node.error.split('\n')).toEqual([
      'The node at http://127.0.0.1:7626 has left; asking again',
      'The node at http://127.0.0.1:7626 is no member yet; asking again',
      expect.stringMatching(/^The events of \S+ go on after 1\.\d s, 2 were missed$/),
      '',
    ]);
    expect(streams).toEqual([]);
  });

  it('tells of a restart in the order of time, and whom it tells of', async () => {
    const node = new FakeNode();
    const anew = { ...member(2), uniqueAddress: { address: address(2), longUid: 22 } };
    const up = (one: object): string => frame({ type: 'MemberUp', member: one } as never);
    const streams = [
      new Raw(200, up(member(1)), up(member(2)), frame({ type: 'ClusterShuttingDown' })),
      new Lasting(200, up(member(1)), up(anew)),
    ];
    node.replies[events] = () => streams.shift();
    node.time.timers.after(10_000, () => node.interrupted.abort());
    expect(await node.run('cluster', 'tail')).toBe(130);
    expect(
      node.out
        .replace(/^\S+Z {2}/gm, '')
        .split('\n')
        .slice(-3),
    ).toEqual([
      `MemberRemoved     ${address(2)} uid 2 [ctrl] was Up (missed)`,
      `MemberUp          ${address(2)} uid 22 [ctrl] (missed)`,
      '',
    ]);
  });

  it('keeps uids of 64 bits whole', async () => {
    const node = new FakeNode();
    node.replies[events] = () => {
      node.time.timers.after(100, () => node.interrupted.abort());
      const uid =
        '{"uniqueAddress":{"address":"a","longUid":-5844819917529673121},"status":"Up","roles":[]}';
      return new Raw(200, `data:{"type":"MemberUp","member":${uid}}\nevent:MemberUp\n\n`);
    };
    expect(await node.run('--json', 'cluster', 'tail')).toBe(130);
    expect(node.out).toContain('"longUid":"-5844819917529673121"');
  });

  it('ends with the reason when the node refuses', async () => {
    const node = new FakeNode();
    node.replies[events] = new Raw(503, 'There are 32 streams of events');
    expect(await node.run('cluster', 'tail')).toBe(5);
    expect(node.error).toContain('There are 32 streams');
  });
});
