import { describe, expect, it } from 'vitest';
import { loadConfig, parseFlags } from './config/index.ts';
import {
  clusterOptionsOf,
  kubernetesOptionsOf,
  nodeSchema,
  remotingOptionsOf,
  startOptionsOf,
} from './node-options.ts';

function load(environment: Readonly<Record<string, string>>, ...words: string[]) {
  return loadConfig(nodeSchema, { environment, flags: parseFlags(words) }).values;
}

describe('the options of a node', () => {
  it('come from the names that deployments of such clusters use', () => {
    const values = load({
      ACTORSYSTEM: 'ValEngine',
      HOST_NAME: 'ctrl-0',
      HOST_PORT: '2551',
      'SEED_NODES.0': 'ctrl-0',
      SEED_NODES_1: 'pekko://ValEngine@ctrl-1:2552',
      SEED_PORT: '2553',
      ROLES: 'ctrl,seed',
    });
    expect(values.system.name).toBe('ValEngine');
    expect(remotingOptionsOf(values)).toMatchObject({ host: 'ctrl-0', port: 2551 });
    expect(clusterOptionsOf(values)).toMatchObject({
      seedNodes: ['ctrl-0:2553', 'pekko://ValEngine@ctrl-1:2552'],
      roles: ['ctrl', 'seed'],
    });
  });

  it('come from their derived names and from flags, which win', () => {
    const environment = { PARVI_REMOTE_HOST: '10.0.0.1', PARVI_REMOTE_PORT: '1' };
    const values = load(environment, '--remote.port=25520', '--cluster.seed-nodes', 'a:1,b');
    expect(remotingOptionsOf(values)).toMatchObject({ host: '10.0.0.1', port: 25520 });
    expect(clusterOptionsOf(values).seedNodes).toEqual(['a:1', 'b:25520']);
  });

  it.each([
    ['telemetry.endpoint', 'foo', 'http://127.0.0.1:4318/v1/traces'],
    ['kubernetes.api-server', '10.96.0.1', 'https://10.96.0.1:443'],
  ])('say of %s that a URL is meant, and what one looks like', (option, text, example) => {
    expect(() => load({}, `--${option}`, text)).toThrow(`: must be a URL such as "${example}"`);
  });

  it.each([
    ['host', 'host:9'],
    ['host:1', 'host:1'],
    ['pekko://Sys@host', 'pekko://Sys@host:9'],
    ['pekko://Sys@host:1', 'pekko://Sys@host:1'],
    ['akka.tcp://Sys@host', 'akka.tcp://Sys@host:9'],
    ['[::1]', '[::1]:9'],
    ['[::1]:1', '[::1]:1'],
    ['pekko://Sys@[::1]', 'pekko://Sys@[::1]:9'],
    ['pekko://Sys@[::1]:1', 'pekko://Sys@[::1]:1'],
  ])('give the seed %s the port of seeds where it names none', (seed, whole) => {
    const values = load({ SEED_NODES: seed, SEED_PORT: '9' });
    expect(clusterOptionsOf(values).seedNodes).toEqual([whole]);
  });

  it('turn TLS on, with what is verified by default, from the environment or flags', () => {
    expect(remotingOptionsOf(load({}))).toMatchObject({ transport: 'tcp' });
    expect(remotingOptionsOf(load({}))).not.toHaveProperty('tls');
    const environment = {
      PARVI_REMOTE_TRANSPORT: 'tls-tcp',
      PARVI_REMOTE_TLS_KEY_FILE: '/etc/node/tls.key',
      PARVI_REMOTE_TLS_CERT_FILE: '/etc/node/tls.crt',
    };
    const flags = [
      '--remote.tls.ca-file=/etc/node/ca.crt',
      '--remote.tls.protocols=TLSv1.3',
      '--remote.tls.reload-interval=5m',
    ];
    expect(remotingOptionsOf(load(environment, ...flags))).toMatchObject({
      transport: 'tls-tcp',
      tls: {
        keyFile: '/etc/node/tls.key',
        certFile: '/etc/node/tls.crt',
        caFile: '/etc/node/ca.crt',
        requireMutualAuthentication: true,
        hostnameVerification: true,
        protocols: ['TLSv1.3'],
        reloadIntervalMs: 300_000,
      },
    });
  });

  it.each([
    ['the flag --remote.tls.key-file', [], ['--remote.tls.key-file', 'tls.key']],
    ['the environment variable PARVI_REMOTE_TLS_CA_FILE', ['CA_FILE'], []],
    ['the flag --remote.tls.cert-file', ['CA_FILE'], ['--remote.tls.cert-file=a.crt']],
  ])('refuse files for TLS over plain TCP, beside all else: %s', (where, set, words) => {
    const environment = Object.fromEntries(
      set.map((name) => [`PARVI_REMOTE_TLS_${name}`, 'ca.crt']),
    );
    const refused = `" from ${where}: the transport is "tcp"`;
    expect(() => load(environment, ...words)).toThrow(refused);
    expect(() => load(environment, ...words, '--remote.port', 'abc')).toThrow(refused);
    expect(() => load(environment, ...words, '--remote.transport=tls-tcp')).not.toThrow();
  });

  it('refuse an interval of heartbeats of nothing', () => {
    expect(() => load({}, '--cluster.failure-detector.heartbeat-interval=0')).toThrow(
      /heartbeatInterval.*at least 1 ms/s,
    );
  });

  it('are all that a node is started with', () => {
    const values = load({}, '--system.name', 'shop', '--log.level', 'warn');
    expect(startOptionsOf(values)).toEqual({
      name: 'shop',
      remote: remotingOptionsOf(values),
      cluster: clusterOptionsOf(values),
      kubernetes: kubernetesOptionsOf(values),
      log: { level: 'warn', format: 'auto', stream: 'stderr' },
    });
  });

  it('hand the choice of split-brain resolution on, without what is not set', () => {
    expect(clusterOptionsOf(load({})).splitBrain).toEqual({
      strategy: 'keep-majority',
      stableAfter: 20_000,
      downIfAlone: true,
    });
    const words = ['--cluster.split-brain.strategy', 'static-quorum'];
    const quorum = load({}, ...words, '--cluster.split-brain.quorum-size', '3');
    expect(clusterOptionsOf(quorum).splitBrain).toMatchObject({ quorumSize: 3 });
    const off = load({ PARVI_CLUSTER_SPLIT_BRAIN_STRATEGY: 'off' });
    expect(clusterOptionsOf(off).splitBrain).toBe('off');
  });

  it('hand what is asked of Kubernetes on, and the lease with the strategy that needs it', () => {
    expect(kubernetesOptionsOf(load({ POD_NAME: 'grid-1' }))).toEqual({
      podName: 'grid-1',
      requestTimeout: 2000,
      podDeletionCost: false,
      podDeletionCostMembers: 3,
      appVersionFromRevision: false,
    });
    const words = ['--cluster.split-brain.strategy=lease-majority'];
    const leased = load({}, ...words, '--cluster.split-brain.lease.name', 'shop');
    expect(kubernetesOptionsOf(leased).lease).toEqual({
      name: 'shop',
      heartbeatTimeout: 120_000,
      operationTimeout: 5000,
    });
    expect(clusterOptionsOf(leased).splitBrain).toEqual({
      strategy: 'lease-majority',
      stableAfter: 20_000,
      downIfAlone: true,
      acquireLeaseDelayForMinority: 2000,
      releaseLeaseAfter: 40_000,
    });
    expect(() => load({}, '--kubernetes.api-server', '10.96.0.1')).toThrow(/apiServer/);
  });
});
