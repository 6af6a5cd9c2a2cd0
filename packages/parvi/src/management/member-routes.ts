// /cluster/members and /cluster: the members, and what may be done with them (Pekko `ClusterHttpManagementRoutes`). An
// answer says that a command was issued; it does not wait for what comes of it.

import { type Address, addressText, parseAddress } from '../wire/index.ts';
import {
  failed,
  fieldMissing,
  jsonAnswer,
  messageAnswer,
  methodHidden,
  methodRefused,
} from './answers.ts';
import type { ClusterPort } from './cluster-port.ts';
import { formOf, isForm } from './form-body.ts';
import { findMember, membersView, memberView } from './member-views.ts';
import type { FullAnswer, Handler, ManagementRequest, Route } from './protocol.ts';

const members = '/cluster/members';

export function memberRoutes(cluster: ClusterPort, writes: boolean): Route[] {
  return writes ? writingRoutes(cluster) : readingRoutes(cluster);
}

function readingRoutes(cluster: ClusterPort): Route[] {
  const hidden = { group: 'other', otherwise: () => methodHidden } as const;
  return [
    { path: members, match: 'slash', ...hidden, methods: { GET: showAll(cluster) } },
    { path: members, match: 'below', ...hidden, methods: { GET: showOne(cluster) } },
  ];
}

function writingRoutes(cluster: ClusterPort): Route[] {
  const group = 'other';
  const all = { GET: showAll(cluster), POST: join(cluster) };
  const one = { GET: showOne(cluster), DELETE: leave(cluster), PUT: change(cluster) };
  return [
    { path: '/cluster', match: 'slash', group, methods: { PUT: prepare(cluster) } },
    { path: members, match: 'slash', group, methods: all },
    { path: members, match: 'below', group, methods: one, ...unknownFirst(cluster, one) },
  ];
}

const showAll =
  (cluster: ClusterPort): Handler =>
  () =>
    jsonAnswer(membersView(cluster));

const showOne =
  (cluster: ClusterPort): Handler =>
  (_request, rest) => {
    const member = findMember(cluster.state, rest);
    return member === undefined ? memberMissing(rest) : jsonAnswer(memberView(member));
  };

const leave =
  (cluster: ClusterPort): Handler =>
  (_request, rest) => {
    const member = findMember(cluster.state, rest);
    if (member === undefined) return memberMissing(rest);
    cluster.leave(member.node.address);
    return messageAnswer(`Leaving ${member.node.addressKey}`);
  };

const change =
  (cluster: ClusterPort): Handler =>
  async (request, rest) => {
    const member = findMember(cluster.state, rest);
    if (member === undefined) return memberMissing(rest);
    const operation = await fieldOf(request, 'operation');
    if (typeof operation !== 'string') return operation;
    const { address, addressKey } = member.node;
    switch (operation.toLowerCase()) {
      case 'leave':
        cluster.leave(address);
        return messageAnswer(`Leaving ${addressKey}`);
      case 'down':
        cluster.down(address);
        return messageAnswer(`Downing ${addressKey}`);
      default:
        return messageAnswer('Operation not supported', 400);
    }
  };

const join =
  (cluster: ClusterPort): Handler =>
  async (request) => {
    const text = await fieldOf(request, 'address');
    if (typeof text !== 'string') return text;
    const address = addressOf(text);
    // As there, where reading it throws.
    if (address === undefined) return failed;
    cluster.join(address);
    return messageAnswer(`Joining ${addressText(address)}`);
  };

const prepare =
  (cluster: ClusterPort): Handler =>
  async (request) => {
    const operation = await fieldOf(request, 'operation');
    if (typeof operation !== 'string') return operation;
    if (operation.toLowerCase() !== 'prepare-for-full-shutdown') {
      return messageAnswer('Operation not supported', 400);
    }
    cluster.prepareForFullShutdown();
    return messageAnswer('Preparing for full cluster shutdown');
  };

async function fieldOf(request: ManagementRequest, name: string): Promise<string | FullAnswer> {
  const form = await formOf(request);
  return isForm(form) ? (form.get(name) ?? fieldMissing(name)) : form;
}

function addressOf(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}

function memberMissing(rest: string): FullAnswer {
  return messageAnswer(`Member [${rest}] not found`, 404);
}

/** Whether the member is there is asked before the method is looked at. */
function unknownFirst(
  cluster: ClusterPort,
  methods: Readonly<Record<string, Handler>>,
): Pick<Route, 'otherwise'> {
  return {
    otherwise: (_request, rest) =>
      findMember(cluster.state, rest) === undefined
        ? memberMissing(rest)
        : methodRefused(Object.keys(methods)),
  };
}
