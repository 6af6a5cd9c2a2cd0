// The chart on a real Kubernetes: everything that it can make is taken by the API server without a warning, and each way
// of forming the cluster gives one cluster, also after all of its pods were replaced. GRID_IMAGE names an image that is
// there already; else it is built.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases } from '../../deploy/chart/cases.ts';
import { buildDependencies, render, type Values } from '../../deploy/chart/chart.ts';
import { toolPath } from '../../deploy/chart/tools.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage } from '../images/grid-image.ts';
import { type TestCluster, testCluster } from '../kubernetes/test-cluster.ts';

const stack = join(import.meta.dirname, '../../deploy/stack/run.ts');
const namespace = `parvi-chart-${process.pid}`;
const small = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };
const sizes = {
  controllers: { resources: small, spoolSizeLimit: '1Gi' },
  workers: { resources: small, autoscaling: { enabled: false } },
};
/** Of resources that a bare cluster does not know. */
const foreign = /^(monitoring\.coreos\.com|gateway\.networking\.k8s\.io)\//;

let cluster: TestCluster;
let image = '';
let folder = '';

beforeAll(async () => {
  cluster = await testCluster();
  image = process.env.GRID_IMAGE ?? buildGridImage();
  await cluster.loadImage(image);
  buildDependencies();
  folder = mkdtempSync(join(tmpdir(), 'parvi-chart-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cluster?.kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
});

/** Runs a program against the cluster and gives all that it said; rejects when it fails. */
function run(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    const child = spawn(program, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(said)
        : reject(new Error(`${words.join(' ')} ended with ${code}:\n${said}`)),
    );
  });
}

const ofGrid = (...words: readonly string[]): Promise<string> =>
  cluster.kubectl(['--namespace', namespace, ...words]);

/** Passes only when the controller that answers sees all controllers as Up, and has a worker price a trade. */
const serviceTest = (): Promise<string> =>
  run(toolPath('helm'), ['test', 'grid', '--namespace', namespace, '--logs']);

async function replaceAll(): Promise<void> {
  const list = await ofGrid('get', 'deployments,statefulsets', '--output', 'name');
  const workloads = list.trim().split('\n');
  await ofGrid('rollout', 'restart', ...workloads);
  for (const one of workloads) await ofGrid('rollout', 'status', one, '--timeout=300s');
}

describe('the chart on a real Kubernetes', () => {
  it('makes nothing that the API server refuses or warns of', async () => {
    await cluster.kubectl(['create', 'namespace', namespace]);
    const label = 'pod-security.kubernetes.io';
    const labels = [`${label}/enforce=restricted`, `${label}/warn=restricted`];
    await cluster.kubectl(['label', 'namespace', namespace, ...labels]);
    for (const values of Object.values(cases)) {
      const objects = render({ values, namespace });
      const items = objects.filter(({ apiVersion }) => !foreign.test(apiVersion));
      const file = join(folder, 'objects.json');
      writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      const words = ['--server-side', '--dry-run=server', '--validate=strict', '--filename', file];
      const said = await run(toolPath('kubectl'), ['apply', ...words]);
      expect(said).not.toMatch(/warning/i);
      expect(said.trim().split('\n')).toHaveLength(items.length);
    }
    await cluster.kubectl(['delete', 'namespace', namespace]);
  });

  it.each([
    ['seed nodes', 'seeds', {}],
    ['the Kubernetes API, with every right', 'bootstrap', everyRight()],
    ['DNS', 'bootstrap', { discovery: { method: 'dns' } }],
  ] as const)(
    'forms one cluster by %s, and keeps it one while all pods are replaced',
    async (name, topology, values) => {
      const file = join(folder, `${topology}.json`);
      writeFileSync(file, JSON.stringify({ ...sizes, ...(values as Values) }));
      const own = ['--namespace', namespace, '--values', file];
      const startMs = performance.now();
      const up = ['up', '--topology', topology, '--image', image, ...own];
      expect(await run(process.execPath, [stack, ...up])).toMatch(/4 members; a trade is priced/);
      figure(`a grid by ${name}`, `${Math.round((performance.now() - startMs) / 1000)} s`);
      await replaceAll();
      expect(await serviceTest()).toMatch(/members; a trade is priced/);
      await run(process.execPath, [stack, 'down', '--namespace', namespace]);
    },
  );
});

function everyRight(): Values {
  const splitBrain = { strategy: 'lease-majority' };
  return { cluster: { splitBrain, podDeletionCost: true, appVersionFromRevision: true } };
}
