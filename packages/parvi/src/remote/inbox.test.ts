import { expect, it } from 'vitest';
import { Inbox } from './inbox.ts';
import type { Peer } from './peer.ts';

const texts = Array.from({ length: 4000 }, (_, i) => `pekko://sys@h:1/user/a${i}#7`);

/** How many of the texts an inbox still knows after it has seen them all. */
function remembered(inbox: Inbox): number {
  const entries = texts.map((text) => inbox.paths.see(text));
  return texts.filter((text, i) => inbox.paths.see(text) === entries[i]).length;
}

it('remembers few texts of a peer that has not answered our handshake, and thousands of one that has', () => {
  const inbox = new Inbox({} as Peer, 1n);
  expect(remembered(inbox)).toBeLessThanOrEqual(64);
  inbox.handshakeAnswered();
  expect(remembered(inbox)).toBeGreaterThan(3900);
});

it('remembers no text that is longer than an entry of a table may be', () => {
  const inbox = new Inbox({} as Peer, 1n);
  inbox.handshakeAnswered();
  const long = `pekko://sys@h:1/user/${'x'.repeat(1000)}#7`;
  expect(inbox.paths.see(long)).not.toBe(inbox.paths.see(long));
  expect(inbox.paths.see('short')).toBe(inbox.paths.see('short'));
});

it('puts the texts that came most often into a table, without temporary actors and empty texts', () => {
  const inbox = new Inbox({} as Peer, 1n);
  inbox.handshakeAnswered();
  const see = (text: string, times: number): void => {
    for (let i = 0; i < times; i++) inbox.paths.see(text);
  };
  see('pekko://sys@h:1/user/a#1', 5);
  see('pekko://sys@h:1/user/b#2', 9);
  see('pekko://sys@h:1/temp/$a', 20);
  see('', 20);
  expect(inbox.paths.frequent(256)).toEqual([
    'pekko://sys@h:1/user/b#2',
    'pekko://sys@h:1/user/a#1',
  ]);
  expect(inbox.paths.frequent(256)).toEqual([]);
});

it('keeps heavy texts while a flood of others passes', () => {
  const inbox = new Inbox({} as Peer, 1n);
  inbox.handshakeAnswered();
  const heavy = 'pekko://sys@h:1/user/heavy#1';
  for (let i = 0; i < 30_000; i++) {
    inbox.paths.see(`pekko://sys@h:1/user/one-off-${i}#2`);
    if (i % 3 === 0) inbox.paths.see(heavy);
  }
  expect(inbox.paths.frequent(256)).toEqual([heavy]);
});

it('counts uses of the entries of a table, so that heavy ones stay', () => {
  const inbox = new Inbox({} as Peer, 1n);
  inbox.handshakeAnswered();
  const heavy = 'pekko://sys@h:1/user/heavy#1';
  for (let i = 0; i < 5; i++) inbox.paths.see(heavy);
  inbox.paths.step({ type: 'tick', keys: inbox.paths.frequent(256) });
  for (let i = 0; i < 10; i++) expect(inbox.paths.seeIndexed(1, 0)?.text).toBe(heavy);
  for (let i = 0; i < 5; i++) inbox.paths.see('pekko://sys@h:1/user/other#2');
  expect(inbox.paths.frequent(1)).toEqual([heavy]);
});
