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
