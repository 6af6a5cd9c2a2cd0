// The gateway's manifests: each holds against its schema, and all say what envoy.yaml says.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { Authority } from '../../packages/parvi/test/remoting/certificates.ts';
import { validate } from './envoy.ts';
import { GatewayFiles, gatewayFolder, gatewayText } from './gateway-config.ts';
import { manifestProblems } from './manifest-check.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parvi-manifests-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A copy in which something is changed that must be there. */
function changed(name: string, from: string, to: string): string {
  const text = gatewayText(name);
  if (!text.includes(from)) throw new Error(`"${name}" does not say "${from}"`);
  const file = join(folder, name);
  writeFileSync(file, text.replace(from, to));
  return file;
}

describe('manifests', () => {
  it.each(['mapping.yaml', 'httproute.yaml'])('%s holds against the schemas', (name) => {
    expect(manifestProblems(join(gatewayFolder, name))).toBe('');
  });

  it.each([
    ['mapping.yaml', 'timeout_ms: 0', 'timeout_ms: none', 'must be of type integer'],
    ['mapping.yaml', 'retry_on: gateway-error', 'retry_on: gateway', 'Unsupported value'],
    ['mapping.yaml', 'load_balancer:', 'loadbalancer:', 'unknown field'],
    ['httproute.yaml', 'type: PathPrefix', 'type: PathPrefx', 'Unsupported value'],
    ['httproute.yaml', 'numRetries: 2', 'numRetrys: 2', 'unknown field'],
    ['httproute.yaml', 'connectTimeout: 1s', 'connectTimeout: soon', 'should match'],
  ])('a mistake in %s is noticed: %s → %s', (name, from, to, what) => {
    expect(manifestProblems(changed(name, from, to))).toContain(what);
  });
});

describe('envoy.yaml', () => {
  const place = {
    httpPort: 1,
    httpsPort: 2,
    adminPort: 3,
    controllerPorts: [4],
    certificate: new Authority().issue({ name: 'gateway', hosts: ['localhost'] }),
  };

  it('is taken by Envoy, with its own addresses and with those of the tests', () => {
    const files = new GatewayFiles(place);
    const fine = { ok: true, said: expect.stringContaining('OK') };
    try {
      expect(validate(files.configFile)).toEqual(fine);
      const own = gatewayText('envoy.yaml').replaceAll('/etc/envoy/', `${files.folder}/`);
      writeFileSync(join(folder, 'envoy.yaml'), own);
      expect(validate(join(folder, 'envoy.yaml'))).toEqual(fine);
      writeFileSync(join(folder, 'envoy.yaml'), own.replace('lb_policy', 'lb_polizy'));
      expect(validate(join(folder, 'envoy.yaml')).said).toContain('lb_polizy');
    } finally {
      files.remove();
    }
  });
});

type Fields = Readonly<Record<string, unknown>>;

/** The first value of a field of that name, however deep. */
function find(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, name)) return (value as Fields)[name];
  for (const field of Object.values(value)) {
    const found = find(field, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('all three ways', () => {
  const envoy = parse(gatewayText('envoy.yaml')) as Fields;
  const documents = (name: string): Fields[] =>
    parseAllDocuments(readFileSync(join(gatewayFolder, name), 'utf8')).map(
      (document) => document.toJS() as Fields,
    );
  const mappings = documents('mapping.yaml').map(({ spec }) => spec as Fields);
  const routed = documents('httproute.yaml');
  const ofKind = (kind: string): Fields[] =>
    routed.filter((one) => one.kind === kind).map(({ spec }) => spec as Fields);

  it('send to the same controllers', () => {
    expect(find(envoy.static_resources, 'load_assignment')).toMatchObject({
      endpoints: [
        {
          lb_endpoints: [
            { endpoint: { address: { socket_address: { address: 've-ctrl', port_value: 7777 } } } },
          ],
        },
      ],
    });
    for (const mapping of mappings) expect(mapping.service).toBe('ve-ctrl:7777');
    const routes = ofKind('HTTPRoute');
    expect(routes).toHaveLength(3);
    for (const route of routes) {
      expect(find(route, 'backendRefs')).toEqual([{ name: 've-ctrl', port: 7777 }]);
    }
  });

  it('ask the same question as often', () => {
    const [check] = find(envoy, 'health_checks') as Fields[];
    expect(check).toMatchObject({
      interval: '1s',
      timeout: '1s',
      http_health_check: { path: '/ready', host: 'localhost' },
    });
    for (const mapping of mappings) {
      expect(mapping.health_checks).toEqual([
        {
          health_check: { http: { path: '/ready', hostname: 'localhost' } },
          interval: '1s',
          timeout: '1s',
          unhealthy_threshold: check?.unhealthy_threshold,
          healthy_threshold: check?.healthy_threshold,
        },
      ]);
    }
    for (const policy of ofKind('BackendTrafficPolicy')) {
      expect(find(policy, 'active')).toMatchObject({
        http: { path: '/ready', hostname: 'localhost' },
        interval: '1s',
        timeout: '1s',
        unhealthyThreshold: check?.unhealthy_threshold,
        healthyThreshold: check?.healthy_threshold,
      });
    }
  });

  it('send again what has been sent only when it is a read', () => {
    for (const mapping of mappings) {
      const { retry_on: retryOn } = mapping.retry_policy as Fields;
      if (mapping.method === undefined) expect(retryOn).toBe('connect-failure');
      else expect([mapping.method, mapping.prefix]).toEqual(['GET|HEAD', '/ve-svc/v1/']);
      expect(mapping.rewrite).toBe('');
    }
    const reads = ofKind('HTTPRoute').flatMap(({ rules }) =>
      (rules as Fields[]).flatMap(({ matches }) =>
        (matches as Fields[]).filter(({ method }) => method !== undefined),
      ),
    );
    expect(reads.length).toBeGreaterThan(3);
    for (const match of reads) {
      expect(['GET', 'HEAD']).toContain(match.method);
      expect(JSON.stringify(match.path)).not.toContain('valQuery');
    }
    const policies = ofKind('BackendTrafficPolicy').map((policy) => find(policy, 'triggers'));
    expect(policies).toEqual([
      ['connect-failure', 'refused-stream', 'reset', 'gateway-error'],
      ['connect-failure', 'refused-stream', 'reset-before-request'],
      ['connect-failure', 'refused-stream', 'reset-before-request'],
    ]);
  });

  it('send what has a key to the controller of that key', () => {
    const routes = find(envoy, 'routes') as readonly { readonly route?: Fields }[];
    const hashed = routes.filter(({ route }) => route?.hash_policy !== undefined);
    expect(hashed.map(({ route }) => route)).toMatchObject([
      {
        cluster: 'controllers-by-key',
        hash_policy: [{ header: { header_name: 'idempotency-key' } }],
      },
    ]);
    const balancers = mappings.map((mapping) => mapping.load_balancer);
    expect(balancers).toEqual([
      { policy: 'round_robin' },
      { policy: 'ring_hash', header: 'Idempotency-Key' },
      { policy: 'round_robin' },
    ]);
    expect(mappings[1]?.regex_headers).toEqual({ 'Idempotency-Key': '.+' });
    const policies = ofKind('BackendTrafficPolicy').map((policy) => find(policy, 'loadBalancer'));
    expect(policies).toEqual([
      { type: 'RoundRobin' },
      { type: 'RoundRobin' },
      {
        type: 'ConsistentHash',
        consistentHash: { type: 'Header', header: { name: 'Idempotency-Key' } },
      },
    ]);
  });

  it('set no limit to the time of a whole request', () => {
    for (const mapping of mappings) expect(mapping.timeout_ms).toBe(0);
    for (const route of ofKind('HTTPRoute')) {
      expect(find(route, 'timeouts')).toEqual({ request: '0s' });
    }
    const routes = find(envoy, 'routes') as readonly { readonly route?: Fields }[];
    const times = routes.flatMap(({ route }) => (route === undefined ? [] : [route.timeout]));
    expect(times).toEqual(['0s', '0s', '0s', '0s']);
  });
});
