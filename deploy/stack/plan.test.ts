// What `npm run stack` would do to a cluster, without one.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { at, buildDependencies, objectNamed, objectsOf } from '../chart/chart.ts';
import { hasHelm, must, toolPath } from '../chart/tools.ts';
import { downPlan, loaders, type StackOptions, type Step, upPlan } from './plan.ts';

const options: StackOptions = {
  namespace: 'risk',
  release: 'grid',
  topology: 'bootstrap',
  values: [],
  image: 'localhost/valuation:1.2.3',
  load: undefined,
  gateway: 'auto',
  monitoring: 'auto',
  monitoringLabel: 'release=prometheus',
};
const bare = { context: 'kind-test', groups: ['apps'] };
const rich = {
  context: 'cloud',
  groups: [
    'gateway.networking.k8s.io',
    'gateway.envoyproxy.io',
    'monitoring.coreos.com',
    'metrics.k8s.io',
  ],
};

const said = ({ program, words }: Step): string => [program, ...words].join(' ');

/** What helm would install by a step of a plan. */
function renderedBy({ words }: Step): string {
  const [, , release = '', chart = '', ...rest] = words;
  const waits = rest.indexOf('--wait');
  return must(toolPath('helm'), ['template', release, chart, ...rest.slice(0, waits)]);
}

function installOf(steps: readonly Step[]): Step {
  const found = steps.find(({ words }) => words[0] === 'upgrade');
  if (found === undefined) throw new Error('Nothing is installed');
  return found;
}

const canRender = hasHelm();
beforeAll(() => {
  if (canRender) buildDependencies();
}, 120_000);

describe.skipIf(!canRender)('setting up', () => {
  it('says to which cluster it is done in every command', () => {
    for (const step of upPlan(options, rich).steps) {
      const isLocal = step.program === 'helm' && step.words[0] === 'dependency';
      if (!isLocal) expect(said(step)).toMatch(/--(kube-)?context cloud/);
    }
  });

  it('brings the image to clusters of this machine first', () => {
    const load = loaders.kind;
    const [first] = upPlan({ ...options, load }, bare).steps;
    expect(first === undefined ? '' : said(first)).toBe(
      'kind load docker-image localhost/valuation:1.2.3',
    );
    const [other] = upPlan({ ...options, load: ['my-loader', '--fast'] }, bare).steps;
    expect(other === undefined ? '' : said(other)).toBe(
      'my-loader --fast localhost/valuation:1.2.3',
    );
  });

  it('makes a namespace that takes restricted pods only, and knows it again', () => {
    const step = upPlan(options, bare).steps.find(({ input }) => input !== undefined);
    expect(JSON.parse(step?.input ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'risk',
        labels: { 'parvi/stack': 'grid', 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    });
  });

  it('installs the image and topology that were asked for, and monitoring as the cluster has it', () => {
    const objects = objectsOf(renderedBy(installOf(upPlan(options, rich).steps)));
    const workers = objectNamed(objects, 'Deployment/ve');
    const image = at(workers.spec, 'template', 'spec', 'containers', 0, 'image');
    expect(image).toBe('localhost/valuation:1.2.3');
    expect(objectNamed(objects, 'Deployment/ve-ctrl').metadata.namespace).toBe('risk');
    const policy = JSON.stringify(objectNamed(objects, 'NetworkPolicy/ve-ctrl').spec);
    expect(policy).toContain('envoy-gateway-system');
    const monitor = objectNamed(objects, 'ServiceMonitor/ve');
    expect(at(monitor.metadata, 'labels', 'release')).toBe('prometheus');
  });

  it('annotates pods where there is no operator, and says so', () => {
    const { steps, notes } = upPlan(options, bare);
    const objects = objectsOf(renderedBy(installOf(steps)));
    expect(objects.filter(({ kind }) => kind === 'ServiceMonitor')).toEqual([]);
    const workers = objectNamed(objects, 'Deployment/ve');
    const annotations = at(workers.spec, 'template', 'metadata', 'annotations');
    expect(at(annotations, 'prometheus.io/path')).toBe('/metrics');
    expect(notes.join('\n')).toMatch(/no metrics-server.*Gateway API.*operator is not there/s);
  });

  it('takes the kind of gateway that the cluster has, from files that there are', () => {
    const routes = (groups: readonly string[]): string[] =>
      upPlan(options, { context: 'any', groups })
        .steps.flatMap(({ words }) => words.at(-1) ?? '')
        .filter((word) => word.includes('gateway'));
    const found = [rich.groups, ['getambassador.io']].map(routes);
    expect(found.map((files) => files.map((file) => file.split('/').at(-1)))).toEqual([
      ['httproute.yaml'],
      ['mapping.yaml'],
    ]);
    expect(found.flat().filter((file) => !existsSync(file))).toEqual([]);
    expect(routes([])).toEqual([]);
  });
});

describe.skipIf(!canRender)('taking down', () => {
  it('removes what was set up, the namespace last', () => {
    const lines = downPlan(options, rich, true).steps.map(said);
    expect(lines[0]).toMatch(/^kubectl .*delete .*httproute\.yaml$/);
    expect(lines[1]).toMatch(/^helm uninstall grid /);
    expect(lines[2]).toMatch(/^kubectl .*delete namespace risk /);
  });

  it('leaves a namespace alone that it did not make', () => {
    const { steps, notes } = downPlan(options, bare, false);
    expect(steps.map(said).filter((line) => line.includes('namespace risk'))).toEqual([
      expect.stringContaining('helm uninstall'),
    ]);
    expect(notes).toEqual(['The namespace risk stays: "up" did not make it']);
  });
});

describe.skipIf(!canRender)('the command', () => {
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...words], {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: '/dev/null' },
    });

  it('shows with --dry-run what it would do, and does nothing', () => {
    const { status, stdout, stderr } = run('up', '--dry-run', '--context', 'nowhere');
    expect(status).toBe(0);
    expect(stdout).toMatch(/# make the namespace grid\necho '.*' \| kubectl --context nowhere/);
    expect(stdout).toContain('helm upgrade --install grid');
    expect(stderr).toContain('The cluster could not be asked what it has');
  });

  it.each([
    [['sideways'], /^npm run stack -- up\|down/],
    [['up', '--topology', 'ring'], /takes one of seeds, bootstrap/],
    [['up', '--load', 'kind'], /without --image/],
    [['up', '--image', 'valuation'], /it needs a tag, such as valuation:1\.2\.3/],
    [['up'], /kubectl has no current context/],
  ])('refuses %j in words', (words, told) => {
    const { status, stderr } = run(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(told);
  });
});
