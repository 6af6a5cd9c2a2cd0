// What people get wrong in values, each refused in words.

import type { Values } from './chart.ts';

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
  ...['yes', 'TRUE', 1, '1', 'on'].map(
    (value): Mistake => [
      `health behind a secret, said as ${JSON.stringify(value)}`,
      { workers: { options: { 'management.authentication.health': value } } },
      'Cannot use management.authentication.health true on workers: probes of Kubernetes send no credentials',
    ],
  ),
  [
    'health behind a secret, as a variable',
    { workers: { extraEnv: [{ name: 'PARVI_MANAGEMENT_AUTHENTICATION_HEALTH', value: 'True' }] } },
    'Cannot use management.authentication.health true on workers: probes of Kubernetes send no credentials',
  ],
  ...(
    [
      ['PARVI_MANAGEMENT_ENABLED', 'false', 'probes ask management'],
      ['PARVI_MANAGEMENT_BASE_PATH', 'ops', 'probes of Kubernetes ask at'],
      ['PARVI_MANAGEMENT_HEALTH_PATHS_READY', 'up', 'probes of Kubernetes ask at'],
      ['PARVI_MANAGEMENT_TLS_KEY_FILE', '/key', 'probes of Kubernetes and Prometheus ask'],
      ['PARVI_MANAGEMENT_PORT', '1', 'set ports.management instead'],
      ['PARVI_REMOTE_HOST', 'a', 'the chart sets it'],
    ] as const
  ).map(
    ([name, value, why]): Mistake => [
      `what the chart sets, by ${name}`,
      { controllers: { extraEnv: [{ name, value }] } },
      `Cannot set ${name} in controllers.extraEnv: ${why}`,
    ],
  ),
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
    'a token that is nowhere, in other letters',
    { options: { 'management.authentication.scheme': 'Bearer' } },
    'Cannot use management.authentication.scheme "Bearer" on controllers without a secret',
  ],
  [
    'a token that Prometheus does not have',
    {
      options: {
        'management.authentication.scheme': 'bearer',
        'management.authentication.secretFile': '/secret/token',
      },
      monitoring: { serviceMonitor: { enabled: true } },
    },
    'Cannot make a ServiceMonitor with management.authentication.scheme "bearer" as an option of controllers: Prometheus would send no credentials and get 401; set the values management.authentication.scheme and management.authentication.existingSecret instead',
  ],
  [
    'a scheme without its Secret',
    { management: { authentication: { scheme: 'bearer' } } },
    'Cannot use management.authentication.scheme "bearer" without management.authentication.existingSecret: name the Secret that has the token',
  ],
  [
    'a Secret that nobody is asked for',
    { management: { authentication: { existingSecret: 'grid' } } },
    'Cannot use management.authentication.existingSecret "grid" without management.authentication.scheme: nobody would be asked for it',
  ],
  [
    'a scheme that is none',
    { management: { authentication: { scheme: 'digest', existingSecret: 'grid' } } },
    "at '/management/authentication/scheme': value must be one of 'none', 'basic', 'bearer'",
  ],
  ...[
    { options: { 'management.authentication.scheme': 'none' } },
    { controllers: { options: { 'management.authentication.secretFile': '/token' } } },
    { controllers: { extraEnv: [{ name: 'PARVI_MANAGEMENT_AUTHENTICATION_USER', value: 'me' }] } },
  ].map(
    (more, index): Mistake => [
      `authentication said twice, ${index + 1}`,
      { management: { authentication: { scheme: 'basic', existingSecret: 'grid' } }, ...more },
      'on controllers beside management.authentication.scheme "basic": the chart sets it from the Secret "grid"; leave it out',
    ],
  ),
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
