// Combinations of values that people use, each rendered and checked by the tests.

import type { Values } from './chart.ts';

const bootstrap = { topology: 'bootstrap' };
const lease = { splitBrain: { strategy: 'lease-majority' } };

export const cases: Readonly<Record<string, Values>> = {
  'seeds, as it is': {},
  'bootstrap by the Kubernetes API': bootstrap,
  'bootstrap by DNS': { ...bootstrap, discovery: { method: 'dns' } },
  'one controller': { controllers: { replicas: 1 } },
  'one controller that bootstraps alone': { ...bootstrap, controllers: { replicas: 1 } },
  'three controllers, two of them seeds': { controllers: { replicas: 3 } },
  'another name, system and domain': {
    name: 'risk',
    systemName: 'Risk',
    clusterDomain: 'cluster.internal',
  },
  'a fixed number of workers': { workers: { replicas: 5, autoscaling: { enabled: false } } },
  'scaled by somebody else': { workers: { replicas: null, autoscaling: { enabled: false } } },
  'scaled by the queue alone': {
    workers: { autoscaling: { targetCpuPercent: 0, queue: { enabled: true } } },
  },
  'scaled by the processor and the queue': {
    workers: { autoscaling: { maxReplicas: 20, queue: { enabled: true, averageValue: '5000' } } },
  },
  'lease-majority with seeds': { cluster: lease },
  'a quorum, and amounts in many forms': {
    cluster: { splitBrain: { strategy: 'static-quorum', quorumSize: 3 } },
    workers: {
      resources: {
        requests: { cpu: 2, memory: 1_500_000_000, 'ephemeral-storage': '1.5Gi' },
        limits: { memory: '2e9', 'nvidia.com/gpu': 1 },
      },
    },
  },
  'lease-majority with a shared lease': {
    ...bootstrap,
    discovery: { method: 'dns' },
    cluster: { splitBrain: { strategy: 'lease-majority', leaseName: 'shared-pekko-sbr' } },
  },
  'deletion cost and revision': {
    ...bootstrap,
    cluster: { podDeletionCost: true, appVersionFromRevision: true },
  },
  'every right at once': {
    ...bootstrap,
    cluster: { ...lease, podDeletionCost: true, appVersionFromRevision: true },
  },
  'account and role made elsewhere': {
    ...bootstrap,
    serviceAccount: { create: false, name: 'grid-runner' },
    rbac: { create: false },
  },
  'encrypted cluster': { tls: { enabled: true, secretName: 'grid-tls' } },
  'load balancer with UDP': {
    service: {
      type: 'LoadBalancer',
      port: 80,
      annotations: { 'example.com/load-balancer-kind': 'network' },
      loadBalancerSourceRanges: ['203.0.113.0/24'],
      externalTrafficPolicy: 'Local',
    },
    udp: { enabled: true },
  },
  'node port': { service: { type: 'NodePort', nodePort: 30777 } },
  'gateway API and closed network': {
    httpRoute: {
      enabled: true,
      parentRefs: [{ name: 'public', namespace: 'gateway' }],
      hostnames: ['grid.example.com'],
    },
    networkPolicy: {
      gatewayNamespaces: ['gateway'],
      clientPeers: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
      egress: { enabled: true, extra: [{ ports: [{ port: 4318 }] }] },
    },
  },
  'changed by who has the token': {
    management: { writes: true },
    options: { 'management.authentication.scheme': 'bearer' },
    controllers: {
      extraEnv: [
        {
          name: 'PARVI_MANAGEMENT_AUTHENTICATION_SECRET',
          valueFrom: { secretKeyRef: { name: 'grid', key: 'token' } },
        },
      ],
    },
    workers: { extraEnvFrom: [{ secretRef: { name: 'grid' } }] },
  },
  'no network policy, no budgets, no spread': {
    networkPolicy: { enabled: false },
    controllers: { podDisruptionBudget: { enabled: false }, topologySpread: { enabled: false } },
    workers: { podDisruptionBudget: { enabled: false }, topologySpread: { enabled: false } },
  },
  'monitoring by the operator': {
    monitoring: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      rules: { enabled: true, labels: { release: 'prometheus' } },
      dashboards: { enabled: true, annotations: { grafana_folder: 'Grid' } },
    },
  },
  'monitoring by annotations, beside Istio': {
    monitoring: { scrapeAnnotations: true },
    istio: { enabled: true },
  },
  'image by digest out of a private registry': {
    image: {
      repository: 'registry.example.com/grid/valuation',
      digest: `sha256:${'0'.repeat(64)}`,
      pullSecrets: ['registry'],
      pullPolicy: 'Always',
    },
  },
  'placed on machines of its own, with everything besides': {
    commonLabels: { team: 'rates' },
    options: { 'log.format': 'json', 'cluster.splitBrain.stableAfter': '10s' },
    controllers: {
      options: { 'controller.jobsMax': 20, 'http.page': false },
      annotations: { owner: 'rates' },
      podAnnotations: { 'example.com/scan': 'no' },
      podLabels: { tier: 'front' },
      priorityClassName: 'important',
      terminationGracePeriodSeconds: 300,
      drainSeconds: 4,
      extraEnvFrom: [{ secretRef: { name: 'grid' } }],
    },
    management: { writes: true },
    workers: {
      threads: 4,
      preStop: { exec: { command: ['/usr/local/bin/parvi', 'cluster', 'leave', '--wait'] } },
      options: { 'remote.largeFrameBytesMax': 2_097_152 },
      nodeSelector: { pool: 'spot' },
      tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 1,
              podAffinityTerm: {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { tier: 'front' } },
              },
            },
          ],
        },
      },
      resources: { requests: { cpu: '4', memory: '1Gi' }, limits: { memory: '2Gi' } },
      extraEnv: [{ name: 'PARVI_LOG_LEVEL', value: 'debug' }],
      extraVolumes: [{ name: 'markets', configMap: { name: 'markets' } }],
      extraVolumeMounts: [{ name: 'markets', mountPath: '/markets', readOnly: true }],
    },
  },
};

type Mistake = readonly [name: string, values: Values, told: string];

/** What people get wrong, and what they must be told; helm prints each behind the name of the chart. */
export const mistakes: readonly Mistake[] = [
  [
    'a topology that is none',
    { topology: 'statefulset' },
    "at '/topology': value must be one of 'seeds', 'bootstrap'",
  ],
  [
    'a misspelt section',
    { worker: { replicas: 3 } },
    "at '': additional properties 'worker' not allowed",
  ],
  [
    'a misspelt value',
    { workers: { replica: 3 } },
    "at '/workers': additional properties 'replica' not allowed",
  ],
  [
    'a number in quotes',
    { controllers: { replicas: '2' } },
    "at '/controllers/replicas': got string, want integer",
  ],
  [
    'no controller',
    { controllers: { replicas: 0 } },
    "at '/controllers/replicas': minimum: got 0, want 1",
  ],
  [
    'a port that is none',
    { ports: { http: 77_777 } },
    "at '/ports/http': maximum: got 77,777, want 65,535",
  ],
  [
    'a text in place of a switch',
    { tls: { enabled: 'yes' } },
    "at '/tls/enabled': got string, want boolean",
  ],
  [
    'a strategy that is none',
    { cluster: { splitBrain: { strategy: 'keep-oldst' } } },
    "at '/cluster/splitBrain/strategy': value must be one of 'keep-majority', 'keep-oldest'",
  ],
  [
    'a list in place of a map',
    { workers: { nodeSelector: ['pool=spot'] } },
    "at '/workers/nodeSelector': got array, want object",
  ],
  [
    'a number in an annotation',
    { controllers: { podAnnotations: { port: 7777 } } },
    "at '/controllers/podAnnotations/port': got number, want string",
  ],
  [
    'an image without repository',
    { image: { repository: '' } },
    "at '/image/repository': minLength: got 0, want 1",
  ],
  ['no tag worth the name', { image: { tag: 'latest' } }, 'Cannot use image.tag "latest"'],
  [
    'fewest above most',
    { workers: { autoscaling: { minReplicas: 9 } } },
    'Cannot scale workers from 9 down to 6',
  ],
  [
    'scaling by nothing',
    { workers: { autoscaling: { targetCpuPercent: 0 } } },
    'Cannot scale workers by nothing',
  ],
  [
    'scaling by an unknown share',
    { workers: { resources: { requests: { cpu: null } } } },
    'the percentage is of workers.resources.requests.cpu',
  ],
  [
    'the revision of a StatefulSet',
    { cluster: { appVersionFromRevision: true } },
    'a StatefulSet has no revision of that kind',
  ],
  [
    'TLS without a Secret',
    { tls: { enabled: true } },
    'Cannot use tls.enabled without tls.secretName',
  ],
  [
    'a route without gateway',
    { httpRoute: { enabled: true } },
    'Cannot make an HTTPRoute without httpRoute.parentRefs',
  ],
  ['nobody to run as', { serviceAccount: { create: false } }, 'Cannot run without an account'],
  [
    'a variable of the downward API',
    { workers: { extraEnv: [{ name: 'POD_IP', value: '10.0.0.1' }] } },
    'Cannot set POD_IP in workers.extraEnv',
  ],
  [
    'one port for two things',
    { ports: { remoting: 7626 } },
    'Cannot use port 7626 for both ports.remoting and ports.management',
  ],
  [
    'one port for management and HTTP',
    { ports: { http: 7626 } },
    'Cannot use port 7626 for both ports.management and ports.http',
  ],
  [
    'one port for the cluster and HTTP',
    { ports: { http: 25_520 } },
    'Cannot use port 25520 for both ports.remoting and ports.http',
  ],
  [
    'a port as an option',
    { options: { 'management.port': 9999 } },
    'Cannot set "management.port" in options: set ports.management instead',
  ],
  [
    'an address of workers as an option',
    { workers: { options: { 'remote.bindHost': '127.0.0.1' } } },
    'Cannot set "remote.bindHost" in workers.options: the chart sets it',
  ],
  [
    'HTTP of controllers elsewhere',
    { controllers: { options: { 'http.port': 80 } } },
    'Cannot set "http.port" in controllers.options: set ports.http instead',
  ],
  [
    'routes of management elsewhere',
    { options: { 'management.basePath': 'ops' } },
    'Cannot set "management.basePath" in options: probes of Kubernetes ask at /startup, /ready and /alive',
  ],
  ...(['startup', 'ready', 'alive'] as const).map(
    (path): Mistake => [
      `the path of ${path} elsewhere`,
      { controllers: { options: { [`management.healthPaths.${path}`]: 'up' } } },
      `Cannot set "management.healthPaths.${path}" in controllers.options: probes of Kubernetes ask at`,
    ],
  ),
  ...(['keyFile', 'certFile', 'clientCaFile'] as const).map(
    (file): Mistake => [
      `HTTPS of management, by its ${file}`,
      { workers: { options: { [`management.tls.${file}`]: '/secret/tls' } } },
      `Cannot set "management.tls.${file}" in workers.options: probes of Kubernetes and Prometheus ask management by HTTP`,
    ],
  ),
  [
    'health behind a secret',
    { options: { 'management.authentication.health': true } },
    'Cannot use management.authentication.health true on controllers: probes of Kubernetes send no credentials',
  ],
  [
    'a name that no address takes',
    { systemName: 'my system' },
    'Cannot use systemName "my system": a name has letters, digits, "-" and "_" only',
  ],
  [
    'a token that is nowhere',
    {
      management: { writes: true },
      options: { 'management.authentication.scheme': 'bearer' },
    },
    'Cannot use management.authentication.scheme "bearer" on controllers without a secret',
  ],
  [
    'a password that workers do not have',
    {
      options: { 'management.authentication.scheme': 'basic' },
      controllers: { options: { 'management.authentication.secretFile': '/secret/word' } },
    },
    'Cannot use management.authentication.scheme "basic" on workers without a secret',
  ],
  [
    'a duration without unit',
    { cluster: { splitBrain: { stableAfter: '20' } } },
    'Cannot use cluster.splitBrain.stableAfter "20"',
  ],
  [
    'a duration with an unknown unit',
    { cluster: { splitBrain: { stableAfter: '20x' } } },
    'Cannot use cluster.splitBrain.stableAfter "20x"',
  ],
  [
    'an amount that is none',
    { controllers: { resources: { requests: { cpu: 'lots' } } } },
    'Cannot use controllers.resources.requests.cpu "lots"',
  ],
  [
    'an amount with a blank',
    { workers: { resources: { limits: { memory: '1 Gi' } } } },
    'Cannot use workers.resources.limits.memory "1 Gi"',
  ],
  [
    'a quorum without its size',
    { cluster: { splitBrain: { strategy: 'static-quorum' } } },
    'Cannot use cluster.splitBrain.strategy "static-quorum" without cluster.splitBrain.quorumSize',
  ],
  [
    'no time for jobs and leaving',
    { controllers: { terminationGracePeriodSeconds: 34 } },
    'Cannot use controllers.terminationGracePeriodSeconds 34: leaveNoticeSeconds, leaveWaitSeconds, drainSeconds and 10 s to leave the cluster make 35',
  ],
  [
    'no time to leave',
    { workers: { terminationGracePeriodSeconds: 1 } },
    'Cannot use workers.terminationGracePeriodSeconds 1: drainSeconds and 10 s',
  ],
  [
    'a size without sense',
    { controllers: { spoolSizeLimit: '10 GB' } },
    'Cannot use controllers.spoolSizeLimit "10 GB"',
  ],
];
