// Members as a table for people.

import { styleOf } from './status-style.ts';
import { countedText, plain, type Terminal, table } from './terminal.ts';
import type { DetailedMember, MembersView, MemberView } from './views.ts';

/** With what only Parvi nodes tell, where it is known. */
export function memberTable(
  terminal: Terminal,
  view: MembersView,
  details: readonly DetailedMember[],
): string {
  if (view.members.length === 0) return `${plain(view.selfNode)} is a member of no cluster yet`;
  const known = new Map(details.map((member) => [member.node, member]));
  const unreachable = new Map(view.unreachable.map(({ node, observedBy }) => [node, observedBy]));
  const rows = [...view.members].sort(byAge(known)).map((member) => {
    const observers = unreachable.get(member.node);
    return [
      member.node,
      member.roles.join(','),
      member.status,
      observers === undefined ? 'reachable' : `UNREACHABLE by ${observers.length}`,
      known.get(member.node)?.appVersion ?? '',
      notesOf(view, member).join(' '),
    ];
  });
  const columns = ['address', 'roles', 'status', 'reachable', 'version', ''];
  const lines = table(
    columns.map((title) => ({ title })),
    rows,
  ).split('\n');
  const shown = lines.map((line, i) => {
    const row = rows[i - 1];
    if (row === undefined) return terminal.style('bold', line);
    return terminal.style(styleOf(row[2] ?? '', row[3] !== 'reachable'), line);
  });
  const away = unreachable.size === 0 ? '' : `, ${unreachable.size} unreachable`;
  return [...shown, `${countedText(view.members.length, 'member')}${away}`].join('\n');
}

/** Oldest first; by address where ages are not known. */
function byAge(known: ReadonlyMap<string, DetailedMember>) {
  const age = ({ node }: MemberView): number => known.get(node)?.age ?? Number.MAX_SAFE_INTEGER;
  return (one: MemberView, other: MemberView): number =>
    age(one) - age(other) || (one.node < other.node ? -1 : 1);
}

function notesOf(view: MembersView, { node }: MemberView): string[] {
  return [
    ...(node === view.leader ? ['leader'] : []),
    ...(node === view.oldest ? ['oldest'] : []),
    ...(node === view.selfNode ? ['this node'] : []),
  ];
}
