// The chart, by what it renders for many combinations of values: what Kubernetes' schemas, the Pod Security Standard and
// the options of the grid's own nodes say to it.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { shutdownPhases } from 'parvi';
import { beforeAll, describe, expect, it } from 'vitest';
import { controllerConfig, workerConfig } from '../../apps/valuation/src/cli/node-config.ts';
import { gatewayPrefix } from '../../apps/valuation/src/http/routes.ts';
import { cases } from './cases.ts';
import {
  at,
  buildDependencies,
  chartFolder,
  type KubernetesObject,
  nameOf,
  objectNamed,
  render,
  renderText,
  topologies,
  tryRender,
  type Values,
} from './chart.ts';
import { mistakes } from './mistakes.ts';
import { listAt, podProcess, writtenVariables } from './pods.ts';
import { podSpecOf, restrictedFindings } from './restricted.ts';
import { loadSchemas } from './schemas.ts';
import { hasHelm, helm } from './tools.ts';
import { Validation } from './validation.ts';

/** Who has no Go goes without Kubernetes' schemas, and is told so; who checks changes has it. */
const hasGo =
  process.env.CI === 'true' || spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;

const facts = { name: 've-ctrl-0', namespace: 'grid', ip: '10.0.0.7' };
const rendered = new Map<string, readonly KubernetesObject[]>();
const objectsOf = (name: string): readonly KubernetesObject[] => rendered.get(name) ?? [];
const isNode = (object: KubernetesObject): boolean => at(object.spec, 'template') !== undefined;
const componentOf = (object: KubernetesObject): unknown =>
  at(object.metadata, 'labels', 'app.kubernetes.io/component');

const canRender = hasHelm();
beforeAll(() => {
  if (!canRender) return;
  buildDependencies();
  for (const [name, values] of Object.entries(cases)) rendered.set(name, render({ values }));
}, 120_000);

describe.skipIf(!canRender)('the chart', () => {
  it.each(topologies)('is without complaint for helm lint, with topology %s', (topology) => {
    const said = helm('lint', '--strict', chartFolder, '--set', `topology=${topology}`);
    expect(said).toContain('0 chart(s) failed');
  });

  it.each(Object.keys(cases))('has no two objects of one name: %s', (name) => {
    const names = objectsOf(name).map(nameOf);
    expect(names.length).toBeGreaterThan(7);
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([]);
  });

  it.skipIf(!hasGo)('makes only what the schemas of Kubernetes and of its resources take', () => {
    const validation = new Validation(loadSchemas());
    const findings = [...rendered].flatMap(([name, objects]) =>
      validation.findings(objects).map((finding) => `${name}: ${finding}`),
    );
    expect(findings).toEqual([]);
    const [workload] = objectsOf('seeds, as it is').filter(isNode);
    const wrong = { ...workload, spec: { ...Object(workload?.spec), replica: 'two' } };
    expect(validation.findings([wrong as KubernetesObject]).length).toBeGreaterThan(0);
  });

  it.each(Object.keys(cases))('keeps to the Pod Security Standard "restricted": %s', (name) => {
    expect(objectsOf(name).flatMap(restrictedFindings)).toEqual([]);
  });

  it.each(Object.keys(cases))('sets variables that the nodes take: %s', (name) => {
    for (const object of objectsOf(name).filter(isNode)) {
      const { words, environment } = podProcess(object, facts);
      const read = words[0] === 'controller' ? controllerConfig : workerConfig;
      const config = read([], environment);
      const names = ['management.enabled', 'remote.host', 'cluster.splitBrain.strategy'];
      expect(names.map((one) => config.origin(one).kind)).toEqual(names.map(() => 'environment'));
      expect(config.values.management.enabled).toBe(true);
    }
  });

  it.each(Object.keys(cases))('joins what belongs together by labels and ports: %s', (name) => {
    const objects = objectsOf(name);
    const pods = objects.filter(isNode);
    const matching = (selector: unknown): readonly KubernetesObject[] =>
      pods.filter((one) =>
        Object.entries(Object(selector)).every(
          ([label, value]) => at(one.spec, 'template', 'metadata', 'labels', label) === value,
        ),
      );
    for (const service of objects.filter(({ kind }) => kind === 'Service')) {
      const chosen = matching(at(service.spec, 'selector'));
      expect(chosen.length).toBeGreaterThan(0);
      for (const port of listAt(service.spec, 'ports')) {
        const known = chosen.map((one) => portNames(one));
        expect(known.every((names) => names.includes(at(port, 'targetPort')))).toBe(true);
      }
    }
    for (const pod of pods) {
      const own = at(pod.spec, 'selector', 'matchLabels');
      expect(matching(own)).toEqual([pod]);
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const port = at(podSpecOf(pod), 'containers', 0, probe, 'httpGet', 'port');
        expect(portNames(pod)).toContain(port);
      }
    }
    for (const kind of ['PodDisruptionBudget', 'NetworkPolicy']) {
      for (const object of objects.filter((one) => one.kind === kind)) {
        const selector = at(object.spec, kind === 'NetworkPolicy' ? 'podSelector' : 'selector');
        expect(matching(at(selector, 'matchLabels')).map(componentOf)).toEqual([
          componentOf(object),
        ]);
      }
    }
  });
});

function portNames(object: KubernetesObject): readonly unknown[] {
  return listAt(podSpecOf(object), 'containers', 0, 'ports').map((port) => at(port, 'name'));
}

describe.skipIf(!canRender)('values that are wrong', () => {
  it.each(mistakes)('are refused in words: %s', (_, values, told) => {
    const { status, error } = tryRender({ values });
    expect(status).not.toBe(0);
    expect(error).toContain(told);
  });
});

describe.skipIf(!canRender)('manifests', () => {
  it.each([
    ['seeds', {}],
    ['bootstrap-api', { topology: 'bootstrap' }],
    ['bootstrap-dns', { topology: 'bootstrap', discovery: { method: 'dns' } }],
  ] as const)('of %s are those that were looked at', async (name, values) => {
    const text = renderText({ values: values as Values });
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name}.yaml`));
  });
});

describe.skipIf(!canRender)('the rights of nodes', () => {
  const list = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
  const patch = { apiGroups: [''], resources: ['pods'], verbs: ['patch'] };
  const leases = (name: string) => [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: [name],
      verbs: ['get', 'update'],
    },
  ];
  const replicaSets = { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] };
  const majority = { splitBrain: { strategy: 'lease-majority' } };
  const api = { topology: 'bootstrap' };
  const dns = { topology: 'bootstrap', discovery: { method: 'dns' } };

  it.each([
    ['none with seeds', {}, undefined],
    ['none with DNS', dns, undefined],
    ['pods are listed by discovery', api, [list]],
    ['pods are patched for their cost', { cluster: { podDeletionCost: true } }, [patch]],
    ['one lease is kept', { cluster: majority }, leases('ve-pekko-sbr')],
    [
      'the revision is read',
      { ...dns, cluster: { appVersionFromRevision: true } },
      [{ ...list, verbs: ['get'] }, replicaSets],
    ],
    [
      'all of them',
      { ...api, cluster: { ...majority, podDeletionCost: true, appVersionFromRevision: true } },
      [{ ...list, verbs: ['list', 'get', 'patch'] }, replicaSets, ...leases('ve-pekko-sbr')],
    ],
  ] as const)('%s', (_, values, rules) => {
    const objects = render({ values: values as Values });
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map((role) => role.rules)).toEqual(rules === undefined ? [] : [rules]);
    const tokens = objects
      .filter(isNode)
      .map((one) => at(podSpecOf(one), 'automountServiceAccountToken'));
    expect(tokens).toEqual([rules !== undefined, rules !== undefined]);
  });
});

describe.skipIf(!canRender)('a stop', () => {
  const seconds = (values: Values, name: string): unknown =>
    at(podSpecOf(objectNamed(render({ values }), name)), 'terminationGracePeriodSeconds');
  const phases = shutdownPhases.reduce((sum, { timeoutMs }) => sum + timeoutMs / 1000, 0);

  it('has time for all phases of shutdown, and on controllers for notice and jobs', () => {
    expect(seconds({}, 'Deployment/ve')).toBe(phases + 5);
    expect(seconds({}, 'StatefulSet/ve-ctrl')).toBe(phases - 5 + (5 + 20 + 2) + 5);
    const patient = { leaveNoticeSeconds: 10, leaveWaitSeconds: 300, drainSeconds: 7 };
    expect(seconds({ controllers: patient }, 'StatefulSet/ve-ctrl')).toBe(phases + 319);
  });

  it('may be given another time', () => {
    expect(seconds({ workers: { terminationGracePeriodSeconds: 33 } }, 'Deployment/ve')).toBe(33);
    const least = {
      leaveNoticeSeconds: 5,
      leaveWaitSeconds: 10,
      terminationGracePeriodSeconds: 25,
    };
    expect(seconds({ controllers: least }, 'StatefulSet/ve-ctrl')).toBe(25);
  });
});

describe.skipIf(!canRender)('the number of workers', () => {
  const replicas = (workers: Values): unknown =>
    at(objectNamed(render({ values: { workers } }), 'Deployment/ve').spec, 'replicas');
  const autoscaling = { enabled: false };

  it('is said by the chart only where nobody else says it', () => {
    expect(replicas({})).toBeUndefined();
    expect(replicas({ replicas: 5, autoscaling })).toBe(5);
    expect(replicas({ replicas: 0, autoscaling })).toBe(0);
    expect(replicas({ replicas: null, autoscaling })).toBeUndefined();
  });
});

describe.skipIf(!canRender)('an ingress', () => {
  const ruleOf = (name: string): unknown =>
    at(objectNamed(objectsOf(name), 'Ingress/ve-ctrl').spec, 'rules', 0);

  it('leads the prefix that controllers know to their Service, unchanged', () => {
    for (const [name, port] of [
      ['ingress for any host', 80],
      ['ingress with nginx', 7777],
    ] as const) {
      const service = objectNamed(objectsOf(name), 'Service/ve-ctrl');
      expect(at(service.spec, 'ports', 0, 'port')).toBe(port);
      expect(at(ruleOf(name), 'http', 'paths')).toEqual([
        {
          path: gatewayPrefix,
          pathType: 'Prefix',
          backend: { service: { name: 've-ctrl', port: { number: port } } },
        },
      ]);
    }
  });

  it('has class, host and certificates where they are said', () => {
    expect(objectNamed(objectsOf('ingress with nginx'), 'Ingress/ve-ctrl').spec).toMatchObject({
      ingressClassName: 'nginx',
      tls: [{ hosts: ['grid.example.com'], secretName: 've-gateway-tls' }],
      rules: [{ host: 'grid.example.com' }],
    });
    expect(Object.keys(Object(ruleOf('ingress for any host')))).toEqual(['http']);
    expect(objectsOf('seeds, as it is').map(({ kind }) => kind)).not.toContain('Ingress');
  });
});

describe.skipIf(!canRender)('a cluster', () => {
  it('is formed by seed nodes that are the names of the first controllers', () => {
    const objects = render({ values: { controllers: { replicas: 3 } }, namespace: 'risk' });
    const set = objectNamed(objects, 'StatefulSet/ve-ctrl');
    const service = String(at(set.spec, 'serviceName'));
    expect(at(objectNamed(objects, `Service/${service}`).spec, 'clusterIP')).toBe('None');
    const seeds = [0, 1].map((n) => `ve-ctrl-${n}.${service}.risk.svc.cluster.local`);
    for (const object of objects.filter(isNode)) {
      const pod = { ...facts, name: 've-ctrl-1', namespace: 'risk' };
      const { environment } = podProcess(object, pod);
      expect(environment.PARVI_CLUSTER_SEED_NODES?.split(',')).toEqual(seeds);
      const host = object === set ? seeds[1] : pod.ip;
      expect(environment.PARVI_REMOTE_HOST).toBe(host);
    }
  });

  it('is formed by controllers alone, once all of them answer', () => {
    const objects = render({ values: { topology: 'bootstrap', controllers: { replicas: 3 } } });
    const [controller, worker] = ['Deployment/ve-ctrl', 'Deployment/ve'].map((name) =>
      writtenVariables(objectNamed(objects, name)),
    );
    expect(controller?.get('PARVI_BOOTSTRAP_REQUIRED_CONTACT_POINT_NR')).toBe('3');
    expect(controller?.get('PARVI_BOOTSTRAP_NEW_CLUSTER_ENABLED')).toBe('true');
    expect(worker?.get('PARVI_BOOTSTRAP_NEW_CLUSTER_ENABLED')).toBe('false');
    const selector = controller?.get('PARVI_DISCOVERY_KUBERNETES_API_POD_LABEL_SELECTOR') ?? '';
    const labels = at(
      objectNamed(objects, 'Deployment/ve-ctrl').spec,
      'template',
      'metadata',
      'labels',
    );
    for (const pair of selector.split(',')) {
      const [label = '', value] = pair.split('=');
      expect(at(labels, label)).toBe(value);
    }
  });

  it('is replaced one by one, none before its successor is ready', () => {
    const objects = render({ values: { topology: 'bootstrap' } });
    expect(at(objectNamed(objects, 'Deployment/ve-ctrl').spec, 'minReadySeconds')).toBe(10);
    for (const object of objects.filter(isNode)) {
      expect(at(object.spec, 'strategy', 'rollingUpdate')).toEqual({
        maxUnavailable: 0,
        maxSurge: 1,
      });
    }
  });
});
