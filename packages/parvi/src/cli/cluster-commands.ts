// cluster show, join, leave, down, down-unreachable, prepare-shutdown: what stands, and what is done about it. Each goes
// through the one node that is asked.

import type { Command } from 'commander';
import { joinAddress, memberMeant, memberPath } from './addresses.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError } from './exit-codes.ts';
import { numberAboveZero } from './flag-numbers.ts';
import { SilentAnswer } from './http-door.ts';
import type { ManagementClient } from './management-client.ts';
import { memberTable } from './member-table.ts';
import { countedText, plain } from './terminal.ts';
import type { DetailedMember, MembersView } from './views.ts';
import { addWatchCommands } from './watch-commands.ts';

export function addClusterCommands(program: Command, context: CliContext): void {
  const cluster = program.command('cluster').description('members, and what is done about them');
  cluster
    .command('show')
    .description('the members as the node sees them')
    .addHelpText('after', examples('parvi cluster show', 'parvi --json cluster show'))
    .action(() => show(context));
  cluster
    .command('leave')
    .description('have a member leave in good order; without an address the node itself')
    .argument('[address]', 'pekko://System@host:port, or as much of it as only one member has')
    .option('--wait', 'wait until it has left', false)
    .option('--wait-seconds <n>', 'how long to wait', '60')
    .addHelpText('after', examples('parvi cluster leave --wait', 'parvi cluster leave 10.0.0.7'))
    .addHelpText(
      'after',
      `
With --wait the command ends when the node that is asked has removed the member; others
may show it as Exiting a little longer. A node that leaves itself stops answering before
its process ends: that is the end of the wait then. To know it removed, ask another node.`,
    )
    .action((address: string | undefined, flags: LeaveFlags) => leave(context, address, flags));
  cluster
    .command('join')
    .description('have the node join the cluster of another')
    .argument(
      '<address>',
      'pekko://System@host:port, host:port or host; its own forms a new cluster',
    )
    .addHelpText(
      'after',
      examples('parvi cluster join pekko://shop@10.0.0.5:25520', 'parvi cluster join 10.0.0.5'),
    )
    .addHelpText('after', '\nWhat the address leaves out is as with the node that is asked.')
    .action((address: string) => join(context, address));
  cluster
    .command('down')
    .description('declare a member gone for good; only for one that is known to have ended')
    .argument('<address>', 'pekko://System@host:port, or as much of it as only one member has')
    .addHelpText('after', examples('parvi cluster down 10.0.0.7'))
    .action((address: string) => down(context, address));
  cluster
    .command('down-unreachable')
    .description('declare all members gone that are unreachable')
    .option('--yes', 'do not ask', false)
    .addHelpText('after', examples('parvi cluster down-unreachable --yes'))
    .action((flags: { readonly yes: boolean }) => downUnreachable(context, flags.yes));
  cluster
    .command('prepare-shutdown')
    .description('tell the whole cluster that it is going to end: nobody joins, nothing moves')
    .option('--yes', 'do not ask', false)
    .addHelpText('after', examples('parvi cluster prepare-shutdown --yes'))
    .action((flags: { readonly yes: boolean }) => prepareShutdown(context, flags.yes));
  addWatchCommands(cluster, context);
}

interface LeaveFlags {
  readonly wait: boolean;
  readonly waitSeconds: string;
}

async function show(context: CliContext): Promise<void> {
  const client = context.client();
  const view = await client.members();
  const details = await detailsOf(client);
  if (context.json()) context.printJson({ ...view, details });
  else context.terminal.out(memberTable(context.terminal, view, details));
}

async function detailsOf(client: ManagementClient): Promise<readonly DetailedMember[]> {
  const found = await client.find<{ readonly members: readonly DetailedMember[] }>(
    '/parvi/members',
  );
  return found?.members ?? [];
}

async function leave(
  context: CliContext,
  text: string | undefined,
  { wait, waitSeconds }: LeaveFlags,
): Promise<void> {
  const seconds = numberAboveZero(waitSeconds, '--wait-seconds');
  const client = context.client();
  const view = await client.members();
  const address = text === undefined ? view.selfNode : memberMeant(view, text);
  if (!view.members.some(({ node }) => node === address)) {
    const message = `${address} is no member`;
    context.tell(plain(message), { member: address, message, hasLeft: true });
    return;
  }
  const message = await client.command('DELETE', memberPath(address));
  if (!wait) {
    context.tell(message, { member: address, message });
    return;
  }
  if (!context.json()) context.terminal.out(message);
  const tookSeconds = await untilGone(context, { client, view, address, seconds });
  const document = { member: address, message, hasLeft: true, tookSeconds };
  context.tell(`${plain(address)} has left after ${tookSeconds.toFixed(1)} s`, document);
}

interface Leaving {
  readonly client: ManagementClient;
  readonly view: MembersView;
  readonly address: string;
  readonly seconds: number;
}

const askEveryMs = 250;

/**
 * The seconds it took. A node that left itself takes its management server with it: then nobody there is the answer. Who is
 * at the address with another uid came after it.
 */
async function untilGone(
  context: CliContext,
  { client, view, address, seconds }: Leaving,
): Promise<number> {
  const { clock } = context;
  const startMs = clock.nowMs();
  const uid = view.members.find(({ node }) => node === address)?.nodeUid;
  while (clock.nowMs() - startMs < seconds * 1000) {
    const now = await client.members().catch((error: unknown) => {
      const isAway = error instanceof CliError && error.code === 'CLI_UNREACHABLE';
      if (!isAway || address !== view.selfNode) throw error;
      return mayLive(error.cause) ? view : undefined;
    });
    if (!now?.members.some(({ node, nodeUid }) => node === address && nodeUid === uid)) {
      return Math.round(clock.nowMs() - startMs) / 1000;
    }
    await context.pause(askEveryMs);
  }
  throw new CliError('CLI_NOT_MET', `${address} has not left after ${seconds} s`);
}

/** A process that hangs has not left, nor one that has closed this connection and takes others. */
function mayLive(cause: unknown): boolean {
  return cause instanceof SilentAnswer || Reflect.get(Object(cause), 'code') === 'ECONNRESET';
}

/** A node says that it joins whatever it is told, and then may do nothing: what that would be is said here. */
async function join(context: CliContext, text: string): Promise<void> {
  const client = context.client();
  const { selfNode, members } = await client.members();
  const address = joinAddress(selfNode, text);
  const own = members.find(({ node }) => node === selfNode);
  if (own !== undefined) {
    const now = `${selfNode} is a member already, with status ${own.status}`;
    if (!members.some(({ node }) => node === address)) {
      const other = `and ${address} is not of its cluster: have it leave, and start it anew`;
      throw new CliError('CLI_REFUSED', `Cannot join: ${now}, ${other}`);
    }
    context.tell(plain(now), { address, message: now });
    return;
  }
  const message = await client.command('POST', '/cluster/members', { address });
  context.tell(message, { address, message });
}

async function prepareShutdown(context: CliContext, yes: boolean): Promise<void> {
  const client = context.client();
  if (!yes) {
    const { members } = await client.members();
    const all = countedText(members.length, 'member');
    await confirm(
      context,
      `Prepare the whole cluster, ${all}, for its end? That cannot be undone: nobody joins any more until all have ended.`,
    );
  }
  const operation = 'prepare-for-full-shutdown';
  const message = await client.command('PUT', '/cluster', { operation });
  context.tell(message, { operation, message });
}

async function down(context: CliContext, text: string): Promise<void> {
  const client = context.client();
  const address = memberMeant(await client.members(), text);
  const message = await client.command('PUT', memberPath(address), { operation: 'Down' });
  context.tell(message, { member: address, message });
}

async function downUnreachable(context: CliContext, yes: boolean): Promise<void> {
  const client = context.client();
  const { unreachable } = await client.members();
  if (unreachable.length === 0) {
    context.tell('All members are reachable', []);
    return;
  }
  const nodes = unreachable.map(({ node }) => node);
  // Downing both sides of a partition from both sides makes two clusters.
  const risk = 'They must have ended, or they go on as a second cluster.';
  if (!yes) await confirm(context, `Down ${plain(nodes.join(', '))}? ${risk}`);
  const downed: { readonly member: string; readonly message: string }[] = [];
  for (const node of nodes) {
    const message = await client.command('PUT', memberPath(node), { operation: 'Down' });
    if (!context.json()) context.terminal.out(message);
    downed.push({ member: node, message });
  }
  if (context.json()) context.printJson(downed);
}

/** What cannot be taken back is done when somebody has said yes. */
async function confirm({ question }: CliContext, what: string): Promise<void> {
  const answer = question === undefined ? '' : await question(`${what} [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError('CLI_CONFIRMATION_MISSING', `${what} Nothing was done; --yes does it unasked`);
}
