// The chart as programs use it: rendered by helm into objects, with values as they would be given on the command line.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helm, type Output, run, toolPath } from './tools.ts';

const root = join(import.meta.dirname, '..', '..');
export const chartFolder = join(root, 'deploy/helm/valuation');
export const libraryFolder = join(root, 'deploy/helm/parvi');

export const topologies = ['seeds', 'bootstrap'] as const;
export type Topology = (typeof topologies)[number];

export type Values = { readonly [name: string]: unknown };

export interface Rendering {
  readonly release?: string;
  readonly namespace?: string;
  readonly values?: Values;
  /** Files of values, the last wins; `values` wins over all. */
  readonly files?: readonly string[];
  readonly isUpgrade?: boolean;
  /** Folder of the chart in place of the grid's. */
  readonly chart?: string;
}

/** As Kubernetes has it; the rest depends on the kind. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Values;
  readonly spec?: unknown;
  readonly [name: string]: unknown;
}

/**
 * Packs the library chart into the application's, where helm looks for it. As `helm dependency build`, but others who
 * read the chart at the same time find it whole.
 */
export function buildDependencies(): void {
  const work = mkdtempSync(join(chartFolder, '..', '.packed-'));
  try {
    helm('package', libraryFolder, '--destination', work);
    const [packed = ''] = readdirSync(work);
    const charts = join(chartFolder, 'charts');
    mkdirSync(charts, { recursive: true });
    renameSync(join(work, packed), join(charts, packed));
    for (const other of readdirSync(charts)) {
      if (other !== packed) rmSync(join(charts, other), { recursive: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs `helm template`; the chart's dependencies must have been built. */
export function tryRender(rendering: Rendering = {}): Output {
  const {
    release = 'grid',
    namespace = 'grid',
    values = {},
    files = [],
    chart = chartFolder,
  } = rendering;
  const words = ['template', release, chart, '--namespace', namespace];
  const given = files.flatMap((file) => ['--values', file]);
  const upgrade = rendering.isUpgrade === true ? ['--is-upgrade'] : [];
  const all = [...words, ...given, ...upgrade, '--values', '-'];
  return run(toolPath('helm'), all, JSON.stringify(values));
}

/** The manifests as text. @throws Error with what helm says */
export function renderText(rendering: Rendering = {}): string {
  const { status, out, error } = tryRender(rendering);
  if (status === 0) return out;
  throw new Error(error.trim());
}

export function render(rendering: Rendering = {}): KubernetesObject[] {
  return objectsOf(renderText(rendering));
}

export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(`Cannot read a manifest: ${problem.message}`);
    const value: unknown = document.toJS();
    return value === null ? [] : [value as KubernetesObject];
  });
}

/** `Deployment/ve` and the like. */
export const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`;

export function objectNamed(objects: readonly KubernetesObject[], name: string): KubernetesObject {
  const found = objects.find((object) => nameOf(object) === name);
  if (found !== undefined) return found;
  throw new Error(`There is no ${name} among ${objects.map(nameOf).join(', ')}`);
}

/** What stands at a path of names and indices; undefined where there is nothing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((one, name) => Reflect.get(Object(one), name), value);
}

export const readChart = (path: string): string => readFileSync(join(chartFolder, path), 'utf8');
