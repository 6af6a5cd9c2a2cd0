// Which member is meant: commands take a whole address, or as much of it as only one member has.

import { CliError } from './exit-codes.ts';
import type { MembersView } from './views.ts';

/**
 * The address of the member meant, by its whole text, `system@host:port`, `host:port` or `host`.
 *
 * @throws CliError `CLI_REFUSED` when none or several are meant
 */
export function memberMeant({ members }: MembersView, text: string): string {
  const nodes = members.map(({ node }) => node);
  const meant = nodes.filter((node) => spellings(node).includes(text));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const why =
    only === undefined
      ? `no member is "${text}"; there are ${nodes.join(', ') || 'none'}`
      : `"${text}" may be ${meant.join(' or ')}`;
  throw new CliError('CLI_REFUSED', `Cannot tell which member is meant: ${why}`);
}

function spellings(node: string): string[] {
  const rest = node.slice(node.indexOf('://') + 3);
  const place = rest.slice(rest.indexOf('@') + 1);
  return [node, rest, place, place.slice(0, place.lastIndexOf(':'))];
}

/** The path of a member below `/cluster/members/`. */
export const memberPath = (address: string): string =>
  `/cluster/members/${encodeURIComponent(address)}`;
