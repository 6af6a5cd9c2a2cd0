import { describe, expect, it } from 'vitest';
import { authoritiesPem, FakeApiServer } from '../kubernetes/fixtures/api-server.ts';
import {
  type ApiAnswer,
  type ApiServer,
  KubernetesError,
  kubernetesApi,
} from '../kubernetes/index.ts';
import { memoryLog, silentLogger } from '../observe/index.ts';
import { systemRuntime } from '../runtime/index.ts';
import { ManualTime } from '../testkit/index.ts';
import type { ServiceDiscovery } from './discovery.ts';
import { type KubernetesDiscoveryOptions, kubernetesDiscovery } from './kubernetes-discovery.ts';
import { openDiscovery } from './options.ts';

const app = { serviceName: 'app', portName: 'management', protocol: 'tcp' };

interface PodChanges {
  readonly metadata?: object;
  readonly status?: object;
  readonly spec?: object;
}

function pod(ip: string, { metadata = {}, status = {}, spec = {} }: PodChanges = {}): object {
  return {
    metadata: { name: `app-${ip}`, labels: { app: 'app' }, ...metadata },
    spec: {
      containers: [
        { name: 'sidecar' },
        {
          name: 'app',
          ports: [
            { name: 'remoting', containerPort: 25_520 },
            { name: 'management', containerPort: 7626 },
          ],
        },
      ],
      ...spec,
    },
    status: { phase: 'Running', podIP: ip, ...status },
  };
}

function discovery(answer: object | Error, options: KubernetesDiscoveryOptions = {}) {
  const asked: string[] = [];
  const api: ApiServer = {
    request: (method, path): Promise<ApiAnswer> => {
      asked.push(`${method} ${path}`);
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: 200, body: answer });
    },
  };
  const log = memoryLog();
  const made = kubernetesDiscovery(options, {
    api,
    namespace: () => Promise.resolve('shop'),
    log: log.logger,
    clock: new ManualTime().clock,
  });
  return { made, asked, log };
}

describe('discovery by the Kubernetes API', () => {
  it('asks for the pods of its namespace with the label', async () => {
    const { made, asked } = discovery({ items: [] });
    await made.lookup(app, 1000);
    expect(asked).toEqual(['GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dapp']);
  });

  it('names pods by their address, with the port of that name, ready or not', async () => {
    const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
    const { made } = discovery({ items: [pod('10.0.0.5'), pod('10.0.0.6', unready)] });
    expect(await made.lookup(app, 1000)).toEqual([
      { host: '10-0-0-5.shop.pod.cluster.local', port: 7626, ip: '10.0.0.5' },
      { host: '10-0-0-6.shop.pod.cluster.local', port: 7626, ip: '10.0.0.6' },
    ]);
  });

  it('takes the address itself and no port when asked to', async () => {
    const { made } = discovery({ items: [pod('fd00::5')] }, { useRawIp: true });
    expect(await made.lookup({ ...app, portName: '' }, 1000)).toEqual([
      { host: 'fd00::5', port: undefined, ip: 'fd00::5' },
    ]);
  });

  it.each([
    ['are being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    ['are not running', { status: { phase: 'Pending' } }],
    ['have no address', { status: { podIP: undefined } }],
  ])('leaves out pods that %s', async (_, changes) => {
    const { made } = discovery({ items: [pod('10.0.0.5', changes), pod('10.0.0.6')] });
    expect((await made.lookup(app, 1000)).map(({ ip }) => ip)).toEqual(['10.0.0.6']);
  });

  it('leaves out pods whose named container still waits', async () => {
    const state = (name: string, own: object) => ({
      status: { containerStatuses: [{ name, state: own }] },
    });
    const items = [
      pod('10.0.0.5', state('app', { waiting: { reason: 'ImagePullBackOff' } })),
      pod('10.0.0.6', state('app', { running: {} })),
      pod('10.0.0.7', state('other', { running: {} })),
    ];
    const { made } = discovery({ items }, { containerName: 'app' });
    expect((await made.lookup(app, 1000)).map(({ ip }) => ip)).toEqual(['10.0.0.6']);
  });

  it.each([
    [{ items: [] }, 'There are no pods with label "app=app" in namespace "shop"'],
    [{ items: null }, 'There are no pods'],
    [
      {
        items: [
          pod('10.0.0.5', {
            spec: { containers: [{ ports: [{ name: 'mgmt', containerPort: 1 }] }] },
          }),
        ],
      },
      'has a container port named "management": their ports are mgmt',
    ],
    [{ items: [pod('10.0.0.5', { status: { phase: 'Failed' } })] }, 'None of the 1 pods'],
  ])('says why nothing was found, once a minute', async (answer, said) => {
    const { made, log } = discovery(answer);
    expect(await made.lookup(app, 1000)).toEqual([]);
    await made.lookup(app, 1000);
    expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining(said)]);
  });

  it('passes on what the API server says, such as the rule that is missing', async () => {
    const refused = new KubernetesError('KUBERNETES_FORBIDDEN', 'add the verb list for pods');
    const { made } = discovery(refused);
    await expect(made.lookup(app, 1000)).rejects.toMatchObject({
      code: 'DISCOVERY_KUBERNETES_FAILED',
      message: expect.stringMatching(/label "app=app" in namespace "shop": add the verb list/),
    });
  });

  it('refuses what is no list of pods', async () => {
    const { made } = discovery({ items: [{ status: { podIP: 5 } }] });
    await expect(made.lookup(app, 1000)).rejects.toMatchObject({
      code: 'DISCOVERY_KUBERNETES_ANSWER_INVALID',
      message: expect.stringContaining('items.0.status.podIP'),
    });
  });
});

describe('discovery by a client of the Kubernetes API', () => {
  const path = '/api/v1/namespaces/shop/pods';

  function opened(server: FakeApiServer): Promise<ServiceDiscovery> {
    const runtime = systemRuntime();
    const files: Readonly<Record<string, string>> = { '/token': 'token-1', '/ca': authoritiesPem };
    const api = kubernetesApi(
      { apiServer: 'https://10.96.0.1', tokenFile: '/token', caFile: '/ca' },
      {
        runtime,
        environment: {},
        http: server.door,
        readFile: (name) => Promise.resolve(files[name] ?? ''),
      },
    );
    const options = { method: 'kubernetes-api', kubernetesApi: { podNamespace: 'shop' } } as const;
    return openDiscovery(options, { runtime, log: silentLogger, environment: {}, kubernetes: api });
  }

  it('finds the pods of the service and no others', async () => {
    const server = new FakeApiServer();
    server.put(`${path}/app-1`, pod('10.0.0.5'));
    server.put(`${path}/web-1`, pod('10.0.0.9', { metadata: { labels: { app: 'web' } } }));
    const made = await opened(server);
    expect((await made.lookup(app, 20_000)).map(({ ip }) => ip)).toEqual(['10.0.0.5']);
  });

  it('names the rule that the service account lacks', async () => {
    const server = new FakeApiServer();
    server.denied.add('list pods');
    const made = await opened(server);
    await expect(made.lookup(app, 20_000)).rejects.toMatchObject({
      code: 'DISCOVERY_KUBERNETES_FAILED',
      message: expect.stringContaining(
        'add {apiGroups: [""], resources: ["pods"], verbs: ["list"]} to a Role of the namespace "shop"',
      ),
    });
  });
});
