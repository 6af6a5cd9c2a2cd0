// An upgrade that keeps the values of the last release (`helm upgrade --reuse-values`): helm takes them in place of the
// defaults of the new chart, and what is new in the chart has no value at all.

import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  at,
  buildDependencies,
  chartFolder,
  nameOf,
  objectNamed,
  render,
  topologies,
  type Values,
} from './chart.ts';
import { listAt } from './pods.ts';
import { podSpecOf } from './restricted.ts';
import { hasHelm } from './tools.ts';

const released = join(import.meta.dirname, 'released-values.yaml');
let chart = '';

const canRender = hasHelm();
beforeAll(() => {
  if (!canRender) return;
  buildDependencies();
  chart = mkdtempSync(join(tmpdir(), 'parvi-chart-'));
  cpSync(chartFolder, chart, { recursive: true });
  copyFileSync(released, join(chart, 'values.yaml'));
}, 120_000);

afterAll(() => {
  if (chart !== '') rmSync(chart, { recursive: true });
});

const upgrade = (values: Values) => render({ chart, values, isUpgrade: true });

describe.skipIf(!canRender)('values kept of the last release', () => {
  it.each(topologies)('make the objects that the chart makes by itself: %s', (topology) => {
    const monitoring = { serviceMonitor: { enabled: true } };
    const values = { topology, monitoring };
    const names = render({ values, isUpgrade: true }).map(nameOf);
    expect(upgrade(values).map(nameOf)).toEqual(names);
  });

  it('go with a scheme for callers of management, whose other values have their defaults', () => {
    const authentication = { scheme: 'basic', existingSecret: 'grid-management' };
    const monitoring = { serviceMonitor: { enabled: true } };
    const objects = upgrade({ management: { authentication }, monitoring });
    const user = { name: 'grid-management', key: 'username' };
    const monitor = objectNamed(objects, 'ServiceMonitor/ve');
    expect(at(monitor.spec, 'endpoints', 0, 'basicAuth', 'username')).toEqual(user);
    const container = at(podSpecOf(objectNamed(objects, 'Deployment/ve')), 'containers', 0);
    const references = listAt(container, 'env').map((one) => at(one, 'valueFrom', 'secretKeyRef'));
    expect(references).toContainEqual(user);
  });

  it('go with an ingress of which nothing else is said', () => {
    const ingress = objectNamed(upgrade({ ingress: { enabled: true } }), 'Ingress/ve-ctrl');
    expect(Object.keys(Object(ingress.spec))).toEqual(['rules']);
  });
});
