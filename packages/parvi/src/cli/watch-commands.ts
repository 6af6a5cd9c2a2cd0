// The commands that show a cluster as it changes, tail and watch. Both outlive a node that restarts.

import type { Command } from 'commander';
import { isoTime } from '../runtime/index.ts';
import { tail } from './cluster-tail.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError } from './exit-codes.ts';
import { numberAboveZero } from './flag-numbers.ts';
import type { ManagementClient } from './management-client.ts';
import { jsonText } from './terminal.ts';
import type { MembersView } from './views.ts';

export function addWatchCommands(cluster: Command, context: CliContext): void {
  cluster
    .command('tail')
    .description('tell what happens in the cluster, a line an event, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        'parvi cluster tail',
        'parvi --json cluster tail | jq .type',
        'parvi --url http://ve-ctrl-nodes:7626 cluster tail',
      ),
    )
    .addHelpText(
      'after',
      `
First it tells how things stand: lines with "(already)", in JSON "already": true.

When the node goes away it is asked again, at a name with several addresses another
one; standard error tells of it. What happened meanwhile is shown as missed.`,
    )
    .action(() => tail(context));
  cluster
    .command('watch')
    .description('wait until the cluster is as wanted')
    .requiredOption('--until <conditions>', 'such as up=9 or up>=3,unreachable=0,members=9')
    .option('--wait-seconds <n>', 'how long to wait', '60')
    .addHelpText(
      'after',
      examples(
        'parvi cluster watch --until up=9',
        'parvi cluster watch --until role:ctrl=2',
        "parvi cluster watch --until 'up>=3,unreachable=0' --wait-seconds 120",
      ),
    )
    .addHelpText(
      'after',
      `
Conditions compare a count by =, >= or <= with a number, and all of them must hold:
  ${countable.join(', ')}
  role:NAME, such as role:ctrl: members with that role that are up
Members count as up while they are reachable.`,
    )
    .action((flags: WatchFlags) => watch(context, flags));
}

interface WatchFlags {
  readonly until: string;
  readonly waitSeconds: string;
}

const askEveryMs = 500;

async function watch(context: CliContext, flags: WatchFlags): Promise<void> {
  const conditions = conditionsOf(flags.until);
  const seconds = numberAboveZero(flags.waitSeconds, '--wait-seconds');
  const client = context.client();
  const { clock, terminal } = context;
  const startMs = clock.nowMs();
  let last = '';
  do {
    const { text, isMet, counts } = await look(client, conditions);
    const isNews = text !== last;
    last = text;
    if (!context.json()) {
      terminal.status([`${text}  ${terminal.style('dim', `wanted ${flags.until}`)}`]);
    } else if (isNews || isMet) {
      const afterSeconds = Math.round(clock.nowMs() - startMs) / 1000;
      terminal.out(jsonText({ time: isoTime(clock.wallMs()), afterSeconds, isMet, counts }));
    }
    if (isMet) {
      const took = ((clock.nowMs() - startMs) / 1000).toFixed(1);
      if (!context.json()) terminal.out(`${text} after ${took} s`);
      return;
    }
    await context.pause(askEveryMs);
  } while (clock.nowMs() - startMs < seconds * 1000);
  throw new CliError('CLI_NOT_MET', `After ${seconds} s it is ${last}; wanted ${flags.until}`);
}

/** A node that does not answer, as it has not started yet, is nothing but a condition that is not met. */
async function look(client: ManagementClient, conditions: readonly Condition[]) {
  const view = await client.members().catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'CLI_UNREACHABLE') return undefined;
    throw error;
  });
  if (view === undefined) return { text: `no answer from ${client.base}`, isMet: false };
  const all = countsOf(view);
  const counts = Object.fromEntries(conditions.map(({ name }) => [name, all.get(name) ?? 0]));
  const text = conditions.map(({ name }) => `${name}=${counts[name]}`).join(', ');
  return { text, counts, isMet: conditions.every((one) => one.holds(counts[one.name] ?? 0)) };
}

export interface Condition {
  readonly name: string;
  readonly holds: (count: number) => boolean;
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};
const countable = [
  'members',
  'up',
  'joining',
  'weaklyup',
  'leaving',
  'exiting',
  'down',
  'unreachable',
];

/** @throws CliError `CLI_USAGE` when the text is none; also when a role is counted as `role:name=2` wrongly */
export function conditionsOf(text: string): Condition[] {
  return text.split(',').map((part) => {
    const match = /^\s*([a-z]+|role:[^<>=]+)\s*(=|>=|<=)\s*(\d+)\s*$/.exec(part);
    const [, name = '', sign = '', number = ''] = match ?? [];
    const compare = comparisons[sign];
    if (compare === undefined || !(name.startsWith('role:') || countable.includes(name))) {
      throw new CliError(
        'CLI_USAGE',
        `"${part}" is no condition: write up=9, up>=3, unreachable=0 or role:ctrl=2; there are ${countable.join(', ')}`,
      );
    }
    return { name, holds: (count) => compare(count, Number(number)) };
  });
}

/** Members that are Up and reachable count as `up`, and by role. */
export function countsOf({ members, unreachable }: MembersView): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([
    ['members', members.length],
    ['unreachable', unreachable.length],
  ]);
  const away = new Set(unreachable.map(({ node }) => node));
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { node, status, roles } of members) {
    if (status === 'Up' && away.has(node)) continue;
    add(status.toLowerCase());
    if (status === 'Up') for (const role of roles) add(`role:${role}`);
  }
  return counts;
}
