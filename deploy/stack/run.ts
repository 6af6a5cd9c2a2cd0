// `npm run stack -- up|down`: the whole grid on the Kubernetes cluster of the current context.

import { spawnSync } from 'node:child_process';
import { wordsOfCommand } from '../../scripts/command.ts';
import { at, topologies } from '../chart/chart.ts';
import { listAt } from '../chart/pods.ts';
import { run, toolPath } from '../chart/tools.ts';
import {
  type ClusterFacts,
  downPlan,
  gateways,
  loaders,
  monitorings,
  type Plan,
  type StackOptions,
  type Step,
  stackLabel,
  upPlan,
} from './plan.ts';

const usage = `npm run stack -- up|down [options]

Sets up the grid, its route through the gateway and its monitoring on the cluster of kubectl's current context, or removes
them. "up" again brings a running one to new values.

  --namespace NAME             default grid; made if it is not there
  --release NAME               name of the release; default grid
  --topology seeds|bootstrap   how nodes find each other; default seeds
  --values FILE                values of the chart; may be given several times, the last wins
  --image NAME:TAG             image of the grid; default that of the chart
  --load kind|minikube|"COMMAND"   how the image gets to the cluster: the command takes its name; default: it is pulled
  --gateway ${gateways.join('|')}   default auto: what the cluster has
  --monitoring ${monitorings.join('|')}   default auto
  --monitoring-label KEY=VALUE   by which Prometheus' operator finds its objects
  --context NAME               another context than the current
  --dry-run                    show the commands and do nothing
`;

const readCommand = () =>
  wordsOfCommand({
    options: {
      namespace: { type: 'string', default: 'grid' },
      release: { type: 'string', default: 'grid' },
      topology: { type: 'string', default: 'seeds' },
      values: { type: 'string', multiple: true },
      image: { type: 'string' },
      load: { type: 'string' },
      gateway: { type: 'string', default: 'auto' },
      monitoring: { type: 'string', default: 'auto' },
      'monitoring-label': { type: 'string' },
      context: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Error(`Cannot use --${option} "${text}": it takes one of ${choices.join(', ')}`);
}

function stackOptions(values: ReturnType<typeof readCommand>['values']): StackOptions {
  const { load, image } = values;
  if (load !== undefined && image === undefined) {
    throw new Error('Cannot load an image without --image: name it, with its tag');
  }
  if (image !== undefined && !/:[^/:]+$/.test(image)) {
    throw new Error(`Cannot use --image "${image}": it needs a tag, such as ${image}:1.2.3`);
  }
  return {
    namespace: values.namespace,
    release: values.release,
    topology: oneOf('topology', values.topology, topologies),
    values: values.values ?? [],
    image,
    load: load === undefined ? undefined : (loaders[load] ?? load.split(/\s+/)),
    gateway: oneOf('gateway', values.gateway, gateways),
    monitoring: oneOf('monitoring', values.monitoring, monitorings),
    monitoringLabel: values['monitoring-label'],
  };
}

function clusterFacts(named: string | undefined): ClusterFacts {
  const context = named ?? kubectl(['config', 'current-context']).out.trim();
  if (context === '') {
    throw new Error(
      'Cannot tell which cluster is meant: kubectl has no current context; name one by --context',
    );
  }
  const { status, out } = kubectl(['--context', context, 'get', '--raw', '/apis']);
  const groups = status === 0 ? listAt(JSON.parse(out), 'groups') : undefined;
  return { context, groups: groups?.map((group) => String(at(group, 'name'))) };
}

const kubectl = (list: readonly string[]) => run(toolPath('kubectl'), list);

/** Whether `up` has made the namespace for this release. */
function isOurs({ context }: ClusterFacts, { namespace, release }: StackOptions): boolean {
  const { status, out } = kubectl([
    '--context',
    context,
    'get',
    'namespace',
    namespace,
    '-o',
    'json',
  ]);
  return status === 0 && at(JSON.parse(out), 'metadata', 'labels', stackLabel) === release;
}

const shown = ({ program, words: list, input }: Step): string => {
  const line = [
    program,
    ...list.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)),
  ];
  return input === undefined ? line.join(' ') : `echo '${input}' | ${line.join(' ')}`;
};

function carryOut({ steps, notes }: Plan, isDryRun: boolean): number {
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  for (const step of steps) {
    process.stdout.write(isDryRun ? `# ${step.what}\n${shown(step)}\n` : `${step.what} …\n`);
    if (isDryRun) continue;
    const isTool = step.program === 'helm' || step.program === 'kubectl';
    const program = isTool ? toolPath(step.program === 'helm' ? 'helm' : 'kubectl') : step.program;
    const { status, error } = spawnSync(program, step.words, {
      stdio: [step.input === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
      ...(step.input === undefined ? {} : { input: step.input }),
    });
    if (status === 0) continue;
    const why = error?.message ?? `it ended with code ${status}`;
    process.stderr.write(`Cannot ${step.what}: ${why}\n  ${shown(step)}\n`);
    return 1;
  }
  return 0;
}

function main(): number {
  const { values, positionals } = readCommand();
  const [verb = '', ...rest] = positionals;
  if (values.help || rest.length > 0 || (verb !== 'up' && verb !== 'down')) {
    (values.help ? process.stdout : process.stderr).write(usage);
    return values.help ? 0 : 2;
  }
  try {
    const options = stackOptions(values);
    const facts = clusterFacts(values.context);
    process.stderr.write(`cluster: ${facts.context}\n`);
    const plan =
      verb === 'up' ? upPlan(options, facts) : downPlan(options, facts, isOurs(facts, options));
    return carryOut(plan, values['dry-run']);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
}

process.exitCode = main();
