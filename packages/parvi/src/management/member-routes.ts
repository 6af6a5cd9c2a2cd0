// /cluster/members and /cluster: the members, and what may be done with them (Pekko `ClusterHttpManagementRoutes`). An
// answer says that a command was issued; it does not wait for what comes of it.

import type { Logger } from '../observe/index.ts';
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

/** Where commands are issued, and where it is kept who did so. */
interface Commanded {
  readonly cluster: ClusterPort;
  readonly log: Logger;
}

export function memberRoutes(cluster: ClusterPort, writes: boolean, log: Logger): Route[] {
  return writes ? writingRoutes({ cluster, log }) : readingRoutes(cluster);
}

function readingRoutes(cluster: ClusterPort): Route[] {
  const hidden = { group: 'other', otherwise: () => methodHidden } as const;
  return [
    { path: members, match: 'slash', ...hidden, methods: { GET: showAll(cluster) } },
    { path: members, match: 'below', ...hidden, methods: { GET: showOne(cluster) } },
  ];
}

function writingRoutes(commanded: Commanded): Route[] {
  const { cluster } = commanded;
  const group = 'other';
  const all = { GET: showAll(cluster), POST: join(commanded) };
  const one = { GET: showOne(cluster), DELETE: leave(commanded), PUT: change(commanded) };
  return [
    { path: '/cluster', match: 'slash', group, methods: { PUT: prepare(commanded) } },
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

function issued({ client }: ManagementRequest, log: Logger, what: string): FullAnswer {
  log.info({ client }, `${what}: it was asked for through management`);
  return messageAnswer(what);
}

const leave =
  ({ cluster, log }: Commanded): Handler =>
  (request, rest) => {
    const member = findMember(cluster.state, rest);
    if (member === undefined) return memberMissing(rest);
    cluster.leave(member.node.address);
    return issued(request, log, `Leaving ${member.node.addressKey}`);
  };

const change =
  ({ cluster, log }: Commanded): Handler =>
  async (request, rest) => {
    const member = findMember(cluster.state, rest);
    if (member === undefined) return memberMissing(rest);
    const operation = await fieldOf(request, 'operation');
    if (typeof operation !== 'string') return operation;
    const { address, addressKey } = member.node;
    switch (operation.toLowerCase()) {
      case 'leave':
        cluster.leave(address);
        return issued(request, log, `Leaving ${addressKey}`);
      case 'down':
        cluster.down(address);
        return issued(request, log, `Downing ${addressKey}`);
      default:
        return messageAnswer('Operation not supported', 400);
    }
  };

const join =
  ({ cluster, log }: Commanded): Handler =>
  async (request) => {
    const text = await fieldOf(request, 'address');
    if (typeof text !== 'string') return text;
    const address = addressOf(text);
    // As there, where reading it throws.
    if (address === undefined) return failed;
    cluster.join(address);
    return issued(request, log, `Joining ${addressText(address)}`);
  };

const prepare =
  ({ cluster, log }: Commanded): Handler =>
  async (request) => {
    const operation = await fieldOf(request, 'operation');
    if (typeof operation !== 'string') return operation;
    if (operation.toLowerCase() !== 'prepare-for-full-shutdown') {
      return messageAnswer('Operation not supported', 400);
    }
    cluster.prepareForFullShutdown();
    return issued(request, log, 'Preparing for full cluster shutdown');
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
