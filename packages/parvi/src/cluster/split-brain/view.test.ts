import { describe, expect, it } from 'vitest';
import { membersOf } from '../sample-values.ts';
import { type Counting, countedMembers, emptyView } from './view.ts';

const members = membersOf('a:WeaklyUp b c:Joining d e:Leaving f:Down g:Exiting');
const view = {
  ...emptyView('a', 'default'),
  members: new Map(members.map((member) => [member.node.key, member])),
};

describe('the members that a strategy counts', () => {
  it.each<[string, Counting, string]>([
    ['are those that are Up or Leaving', {}, 'b d e'],
    ['include those that may be Up elsewhere, when asked', { possiblyUp: true }, 'a b c d e'],
    ['exclude those that may be gone elsewhere, when asked', { excludeLeaving: true }, 'b d'],
    [
      'may be asked for both at once, and are never Down or Exiting',
      { possiblyUp: true, excludeLeaving: true },
      'a b c d',
    ],
  ])('%s', (_, counting, hosts) => {
    const counted = countedMembers(view, counting);
    expect(counted.map(({ node }) => node.address.host).join(' ')).toBe(hosts);
  });
});
