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
  'ingress for any host': { ingress: { enabled: true }, service: { port: 80 } },
  'ingress with nginx': {
    ingress: {
      enabled: true,
      className: 'nginx',
      host: 'grid.example.com',
      annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '0' },
      tls: [{ hosts: ['grid.example.com'], secretName: 've-gateway-tls' }],
    },
    networkPolicy: { gatewayNamespaces: ['ingress-nginx'] },
  },
  'management by a token, and Prometheus with it': {
    ...bootstrap,
    management: {
      writes: true,
      authentication: { scheme: 'bearer', existingSecret: 'grid-management' },
    },
    tls: { enabled: true, secretName: 'grid-tls' },
    monitoring: { serviceMonitor: { enabled: true } },
  },
  'management by name and password, and Prometheus with them': {
    management: {
      authentication: {
        scheme: 'basic',
        existingSecret: 'grid-management',
        key: 'word',
        userKey: 'user',
      },
    },
    monitoring: { serviceMonitor: { enabled: true } },
  },
  'management of a release that knew no authentication': {
    management: { authentication: null },
    monitoring: { serviceMonitor: { enabled: true } },
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
