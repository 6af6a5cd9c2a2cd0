// node top: the actors with the longest mailboxes, dead letters, event loop and peers of a node, again and again.

import type { Command } from 'commander';
import type { ActorView } from '../actor/index.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { numberOfAtLeast } from './flag-numbers.ts';
import type { ManagementClient } from './management-client.ts';
import { countedText, countText, plain, type Terminal, table } from './terminal.ts';
import type {
  ActorsView,
  AssociationsView,
  DeadLettersView,
  LoopView,
  MembersView,
} from './views.ts';

export function addTopCommand(node: Command, context: CliContext): void {
  node
    .command('top')
    .description('a live view: longest mailboxes, dead letters, event loop, peers; Ctrl-C ends it')
    .option('--every <seconds>', 'how often it is renewed', '2')
    .option('--rounds <n>', 'end after so many', '0')
    .option('--actors <n>', 'actors shown', '10')
    .addHelpText('after', examples('parvi node top', 'parvi node top --rounds 1'))
    .action((flags: TopFlags) => top(context, flags));
}

interface TopFlags {
  readonly every: string;
  readonly rounds: string;
  readonly actors: string;
}

interface Sample {
  readonly atMs: number;
  readonly members: MembersView;
  readonly actors: ActorsView;
  readonly letters: DeadLettersView;
  readonly loop: LoopView;
  readonly links: AssociationsView;
}

async function top(context: CliContext, flags: TopFlags): Promise<void> {
  const everyMs = numberOfAtLeast(flags.every, '--every', 0.1) * 1000;
  const rounds = numberOfAtLeast(flags.rounds, '--rounds', 0);
  const shown = numberOfAtLeast(flags.actors, '--actors', 1);
  // Without a terminal one picture is all that anybody wants.
  const last = rounds > 0 ? rounds : context.terminal.interactive ? Number.POSITIVE_INFINITY : 1;
  const client = context.client();
  let before: Sample | undefined;
  for (let round = 1; ; round++) {
    const sample = await takeSample(client, context.clock.nowMs());
    const lines = picture(context.terminal, { sample, before, shown });
    if (context.json()) context.printJson(sample);
    else if (round < last) context.terminal.status(lines);
    else context.terminal.out(lines.join('\n'));
    if (round >= last) return;
    before = sample;
    await context.pause(everyMs);
  }
}

const actorsAskedFor = 10_000;

async function takeSample(client: ManagementClient, atMs: number): Promise<Sample> {
  const [members, actors, letters, loop, links] = await Promise.all([
    client.members(),
    client.get<ActorsView>('/parvi/actors', `?depth=100&max=${actorsAskedFor}`),
    client.get<DeadLettersView>('/parvi/dead-letters', '?max=3'),
    client.get<LoopView>('/parvi/event-loop'),
    client.get<AssociationsView>('/parvi/associations'),
  ]);
  return { atMs, members, actors, letters, loop, links };
}

interface Picture {
  readonly sample: Sample;
  readonly before: Sample | undefined;
  readonly shown: number;
}

function picture(terminal: Terminal, { sample, before, shown }: Picture): string[] {
  const { members, actors, letters, loop } = sample;
  const status = members.members.find(({ node }) => node === members.selfNode)?.status;
  const ms = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;
  const { p50, p99, max } = loop.delaySeconds;
  const busiest = flat(actors.actors)
    .sort((one, other) => other.mailbox - one.mailbox || (one.path < other.path ? -1 : 1))
    .slice(0, shown)
    .map(({ path, mailbox, restarts, state }) => [
      path,
      countText(mailbox),
      countText(restarts),
      state,
    ]);
  const number = (title: string) => ({ title, right: true });
  const columns = [{ title: 'actor' }, number('mailbox'), number('restarts'), { title: 'state' }];
  const [heads = '', ...rows] = table(columns, busiest).split('\n');
  return [
    `${terminal.style('bold', plain(members.selfNode))}  ${plain(status ?? 'no member')}  ${countedText(members.members.length, 'member')}, ${members.unreachable.length} unreachable`,
    `event loop late: half ${ms(p50)}, p99 ${ms(p99)}, most ${ms(max)}   actors ${countText(actors.total)}   dead letters ${countText(letters.total)}${since(sample, before)}`,
    linksLine(sample, before),
    '',
    terminal.style('bold', heads),
    ...rows,
  ];
}

function flat(actors: readonly ActorView[]): ActorView[] {
  return actors.flatMap((actor) => [actor, ...flat(actor.children)]);
}

function since(sample: Sample, before: Sample | undefined): string {
  if (before === undefined) return '';
  const more = sample.letters.total - before.letters.total;
  return more > 0 ? ` (+${countText(more)})` : '';
}

function linksLine(sample: Sample, before: Sample | undefined): string {
  const sum = ({ links }: Sample, of: 'framesSent' | 'queuedFrames' | 'queuedBytes'): number =>
    links.associations
      .flatMap(({ streams }) => streams)
      .reduce((total, stream) => total + stream[of], 0);
  const rate =
    before === undefined
      ? ''
      : `, ${countText(Math.max(0, ((sum(sample, 'framesSent') - sum(before, 'framesSent')) * 1000) / (sample.atMs - before.atMs)))} messages/s sent`;
  return `peers ${sample.links.associations.length}, waiting for them ${countText(sum(sample, 'queuedFrames'))} messages, ${countText(sum(sample, 'queuedBytes'))} bytes${rate}`;
}
