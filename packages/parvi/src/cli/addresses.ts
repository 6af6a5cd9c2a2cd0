// Which member is meant: commands take a whole address, or as much of it as only one member has.

import { type Address, addressText, parseAddress } from '../wire/index.ts';
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
  const near = nodes.filter((node) => spellings(node).some((one) => one.startsWith(text)));
  const why =
    only !== undefined
      ? `"${text}" may be ${meant.join(' or ')}`
      : near.length > 0
        ? `no member is "${text}", but these begin so: ${near.join(', ')}`
        : `no member is "${text}"; there are ${nodes.join(', ') || 'none'}`;
  throw new CliError('CLI_REFUSED', `Cannot tell which member is meant: ${why}`);
}

function spellings(node: string): string[] {
  const rest = node.slice(node.indexOf('://') + 3);
  const place = rest.slice(rest.indexOf('@') + 1);
  return [node, rest, place, place.slice(0, place.lastIndexOf(':'))];
}

/**
 * The whole address that a node is to join at; what the text leaves out is as with the node.
 *
 * @throws CliError `CLI_USAGE` when it is none, or one that the node could not join
 */
export function joinAddress(selfNode: string, text: string): string {
  const near = parseAddress(selfNode);
  const address = addressOf(text, near);
  const { system, protocol } = address;
  if (system === near.system && protocol === near.protocol) return addressText(address);
  const [what, theirs, own] =
    system === near.system
      ? ['protocol', protocol, near.protocol]
      : ['system', system, near.system];
  throw new CliError(
    'CLI_USAGE',
    `Cannot join "${text}": its ${what} is "${theirs}", that of ${selfNode} is "${own}", and nodes of one cluster have the same`,
  );
}

function addressOf(text: string, near: Address): Address {
  try {
    return parseAddress(text, near);
  } catch (error) {
    throw new CliError(
      'CLI_USAGE',
      `Cannot join "${text}": write pekko://System@host:port, host:port or host`,
      error,
    );
  }
}

/** The path of a member below `/cluster/members/`. */
export const memberPath = (address: string): string =>
  `/cluster/members/${encodeURIComponent(address)}`;
