// node show, actors, dead-letters, log-level, top: one node looked into.

import type { Command } from 'commander';
import type { ActorView } from '../actor/index.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { rangeText, type WholeRange, wholeNumber } from './flag-numbers.ts';
import { addLogLevelCommand } from './node-log-level.ts';
import { addTopCommand } from './node-top.ts';
import { countText, plain, table } from './terminal.ts';
import type {
  ActorsView,
  AssociationsView,
  DeadLettersView,
  LoopView,
  VersionView,
} from './views.ts';

/** As the routes of management take them. */
const depthRange: WholeRange = { min: 0, max: 100 };
const actorsRange: WholeRange = { min: 1, max: 10_000 };
const lettersRange: WholeRange = { min: 0, max: 200 };

export function addNodeCommands(program: Command, context: CliContext): void {
  const node = program.command('node').description('one node looked into');
  node
    .command('show')
    .description('versions, event loop, and whom it speaks with')
    .addHelpText('after', examples('parvi node show'))
    .action(() => show(context));
  node
    .command('actors')
    .description('the tree of actors with their waiting messages')
    .option('--path <path>', 'begin here, such as /user/orders')
    .option('--depth <n>', `levels below, ${rangeText(depthRange)}`, '4')
    .option('--max <n>', `actors shown, ${rangeText(actorsRange)}`, '200')
    .addHelpText('after', examples('parvi node actors', 'parvi node actors --path /user --depth 1'))
    .action((flags: ActorFlags) => actors(context, flags));
  node
    .command('dead-letters')
    .description('messages that reached nobody: how many for which reason, and the last of them')
    .option('--max <n>', `how many of the last, ${rangeText(lettersRange)}`, '20')
    .addHelpText('after', examples('parvi node dead-letters', 'parvi node dead-letters --max 5'))
    .action((flags: { readonly max: string }) => deadLetters(context, flags.max));
  addLogLevelCommand(node, context);
  addTopCommand(node, context);
}

async function show(context: CliContext): Promise<void> {
  const client = context.client();
  const version = await client.get<VersionView>('/parvi/version');
  const loop = await client.get<LoopView>('/parvi/event-loop');
  const links = await client.get<AssociationsView>('/parvi/associations');
  if (context.json()) {
    context.printJson({ ...version, ...loop, ...links });
    return;
  }
  const { terminal } = context;
  const { p50, p99, max } = loop.delaySeconds;
  const ms = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;
  const rows = [
    ['address', version.address ?? 'none'],
    ['system', version.system],
    ['version', version.appVersion ?? ''],
    ['parvi, Node.js', `${version.parvi}, ${version.node}`],
    ['up for', `${countText(version.uptimeSeconds)} s`],
    ['event loop late', `half ${ms(p50)}, p99 ${ms(p99)}, most ${ms(max)}`],
  ];
  for (const [name = '', value = ''] of rows) terminal.out(`${name.padEnd(16)}${plain(value)}`);
  const streams = links.associations.flatMap(({ address, streams: all }) =>
    all.map(({ name, state, queuedFrames, framesSent }) => [
      address,
      name,
      state,
      countText(queuedFrames),
      countText(framesSent),
    ]),
  );
  const columns = [
    { title: 'peer' },
    { title: 'stream' },
    { title: 'state' },
    { title: 'waiting', right: true },
    { title: 'sent', right: true },
  ];
  if (streams.length > 0) terminal.out(`\n${table(columns, streams)}`);
}

interface ActorFlags {
  readonly path?: string;
  readonly depth: string;
  readonly max: string;
}

async function actors(context: CliContext, { path, depth, max }: ActorFlags): Promise<void> {
  wholeNumber(depth, '--depth', depthRange);
  wholeNumber(max, '--max', actorsRange);
  const query = new URLSearchParams({ depth, max, ...(path === undefined ? {} : { path }) });
  const view = await context.client().get<ActorsView>('/parvi/actors', `?${query}`);
  if (context.json()) {
    context.printJson(view);
    return;
  }
  const rows: string[][] = [];
  const add = (actor: ActorView, depthNow: number): void => {
    rows.push([
      `${'  '.repeat(depthNow)}${actor.name}`,
      countText(actor.mailbox),
      countText(actor.stashed),
      countText(actor.restarts),
      actor.waiting ? `${actor.state}, waits` : actor.state,
      hidden(actor),
    ]);
    for (const child of actor.children) add(child, depthNow + 1);
  };
  for (const actor of view.actors) add(actor, 0);
  const number = (title: string) => ({ title, right: true });
  const columns = [
    { title: 'actor' },
    number('mailbox'),
    number('stash'),
    number('restarts'),
    { title: 'state' },
    { title: '' },
  ];
  context.terminal.out(table(columns, rows));
  if (view.truncated) {
    context.terminal.out(
      `${countText(view.shown)} of ${countText(view.total)} actors shown; --depth, --max and --path show others`,
    );
  }
}

function hidden({ childCount, children }: ActorView): string {
  const more = childCount - children.length;
  return more === 0 ? '' : `and ${countText(more)} more below`;
}

async function deadLetters(context: CliContext, max: string): Promise<void> {
  wholeNumber(max, '--max', lettersRange);
  const query = new URLSearchParams({ max });
  const view = await context.client().get<DeadLettersView>('/parvi/dead-letters', `?${query}`);
  if (context.json()) {
    context.printJson(view);
    return;
  }
  const { terminal } = context;
  terminal.out(`${countText(view.total)} since the start of the node`);
  const reasons = Object.entries(view.byReason).sort(([, a], [, b]) => b - a);
  const columns = [{ title: 'reason' }, { title: 'number', right: true }];
  if (reasons.length > 0) {
    terminal.out(
      table(
        columns,
        reasons.map(([reason, count]) => [reason, countText(count)]),
      ),
    );
  }
  for (const { at, ...letter } of view.last) {
    const fields = Object.entries(letter).map(([name, value]) => `${name}=${String(value)}`);
    terminal.out(`${terminal.style('dim', plain(at))}  ${plain(fields.join(' '))}`);
  }
}
