import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { checkNodeVersion } from './actor/index.ts';
import { ActorSystem, clusterOf, memberEvents, reachabilityEvents, silentLogger } from './index.ts';
import { memoryLog } from './observe/index.ts';
import { hostName, systemProcess } from './runtime/index.ts';
import { type ReadSpan, readSpans } from './testkit/index.ts';
import { addressText } from './wire/index.ts';

const ports = { log: silentLogger };
const host = '127.0.61.1';

describe('starting a node', () => {
  it('listens and becomes a member of its own cluster', async () => {
    const system = await ActorSystem.start(
      {
        name: 'alone',
        handleSignals: false,
        remote: { host, port: 0 },
        cluster: { periodicTasksInitialDelay: '50ms' },
      },
      ports,
    );
    const cluster = clusterOf(system);
    const told: string[] = [];
    cluster.subscribe([...memberEvents, ...reachabilityEvents], ({ type }) => told.push(type));
    cluster.join(cluster.self.address);
    await cluster.whenUp;
    expect(cluster.selfMember.status).toBe('Up');
    expect(told).toEqual(['CurrentClusterState', 'MemberUp']);
    await system.terminate();
  });

  it('tells in its log and metrics of traces that nobody receives', async () => {
    const { logger, lines } = memoryLog('warn');
    // Nobody listens on port 1.
    const telemetry = { endpoint: `http://${host}:1/v1/traces`, sampleRatio: 1 };
    const options = { name: 'traced', handleSignals: false, telemetry };
    const system = await ActorSystem.start(options, { log: logger });
    for (const name of ['a', 'b', 'c']) system.tracing?.start({ name })?.end();
    await system.terminate();
    expect(lines).toMatchObject([
      { message: expect.stringContaining(`Traces cannot be sent to "${telemetry.endpoint}"`) },
    ]);
    expect(lines[0]?.fields).toMatchObject({
      dropped: 3,
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    const counted = system.metrics
      .snapshot()
      .flatMap(({ name, samples }) => (name.startsWith('parvi_trace_') ? [[name, samples]] : []));
    expect(counted).toEqual([
      ['parvi_trace_spans_dropped_total', [{ labels: [], value: 3 }]],
      ['parvi_trace_spans_sent_total', [{ labels: [], value: 0 }]],
    ]);
  }, 30_000);

  it('says with its spans which member they come from, and what the environment says of it', async () => {
    const spans: ReadSpan[] = [];
    const collector = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        spans.push(...readSpans(Buffer.concat(parts)));
        response.end();
      });
    });
    await once(collector.listen(0, host), 'listening');
    const address = collector.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { logger, lines } = memoryLog('warn');
    const told = (OTEL_RESOURCE_ATTRIBUTES: string): Promise<ActorSystem> =>
      ActorSystem.start(
        {
          name: 'traced',
          handleSignals: false,
          remote: { host, port: 0 },
          cluster: { roles: ['b', 'a'], appVersion: '1.2.0' },
          telemetry: { endpoint: `http://${host}:${port}/v1/traces`, sampleRatio: 1 },
        },
        {
          log: logger,
          process: { ...systemProcess, environment: { OTEL_RESOURCE_ATTRIBUTES } },
        },
      );
    for (const variable of ['team=pricing,service.name=grid', 'team']) {
      const system = await told(variable);
      system.tracing?.start({ name: addressText(clusterOf(system).self.address) })?.end();
      await system.terminate();
    }
    collector.close();
    const [named, unnamed] = spans;
    expect(named?.resource).toEqual({
      'service.name': 'grid',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'host.name': hostName,
      'process.pid': systemProcess.processId,
      team: 'pricing',
      'parvi.member': named?.name,
      'parvi.roles': 'b,a,dc-default',
      'service.version': '1.2.0',
    });
    expect(unnamed?.resource).toMatchObject({ 'service.name': 'traced' });
    expect(unnamed?.resource).not.toHaveProperty('team');
    expect(lines).toMatchObject([
      { message: expect.stringContaining('OTEL_RESOURCE_ATTRIBUTES'), fields: { part: 'team' } },
    ]);
  }, 30_000);

  it('says what is missing for a lease of Kubernetes outside of a pod', async () => {
    const splitBrain = { strategy: 'lease-majority' } as const;
    const started = ActorSystem.start(
      {
        name: 'leased',
        handleSignals: false,
        remote: { host, port: 0 },
        cluster: { splitBrain },
        kubernetes: { lease: {} },
      },
      ports,
    );
    await expect(started).rejects.toMatchObject({ code: 'KUBERNETES_NOT_IN_CLUSTER' });
  });

  it('refuses a misspelt option and names the nearest right one', async () => {
    const misspelt: object = { prot: 25520 };
    await expect(
      ActorSystem.start({ name: 'typo', handleSignals: false, remote: misspelt }, ports),
    ).rejects.toThrow('did you mean "port"?');
  });

  it('refuses an option of a section that stands outside of it', async () => {
    const misplaced = { name: 'typo', handleSignals: false, clusters: {} };
    await expect(ActorSystem.start(misplaced, ports)).rejects.toMatchObject({
      code: 'START_OPTION_UNKNOWN',
      message: expect.stringContaining('"clusters": there is none of that name; did you mean'),
    });
  });

  it.each<[string, object]>([
    ['log.levle', { log: { levle: 'warn' } }],
    ['deadLetters.logMin', { deadLetters: { logMin: 1 } }],
    ['shutdown.exitprocess', { shutdown: { exitprocess: true } }],
    ['remote.limits.frameBytesMx', { remote: { limits: { frameBytesMx: 1 } } }],
    ['remote.tls.keyfile', { remote: { tls: { keyfile: 'tls.key' } } }],
    ['remote.serialization.messageType', { remote: { serialization: { messageType: [] } } }],
    ['cluster.failureDetector.treshold', { cluster: { failureDetector: { treshold: 8 } } }],
    ['cluster.splitBrain.stratgy', { cluster: { splitBrain: { stratgy: 'down-all' } } }],
    ['kubernetes.podname', { kubernetes: { podname: 'a' } }],
    ['kubernetes.lease.nam', { kubernetes: { lease: { nam: 'a' } } }],
  ])('refuses %s', async (option, options) => {
    await expect(
      ActorSystem.start({ name: 'typo', handleSignals: false, ...options }, ports),
    ).rejects.toMatchObject({
      code: 'START_OPTION_UNKNOWN',
      message: expect.stringMatching(`"${option}": there is none of that name; did you mean`),
    });
  });

  it.each<[string, string, object]>([
    ['START_OPTION_INVALID', 'log.level "loud"', { log: { level: 'loud' } }],
    ['START_OPTION_INVALID', 'log.stream "file"', { log: { stream: 'file' } }],
    ['START_OPTION_INVALID', 'cluster "null": it takes an object', { cluster: null }],
    ['START_OPTION_INVALID', 'cluster "true": it takes an object', { cluster: true }],
    ['START_OPTION_INVALID', 'remote "x": it takes an object', { remote: 'x' }],
    ['START_OPTION_INVALID', 'cluster.splitBrain "null"', { cluster: { splitBrain: null } }],
    ['START_OPTION_INVALID', 'remote.limits "5"', { remote: { limits: 5 } }],
    ['START_OPTION_INVALID', 'name "5": it takes text', { name: 5 }],
    ['START_OPTION_INVALID', 'handleSignals "no"', { handleSignals: 'no' }],
    ['START_OPTION_INVALID', 'deadLetters.logMax "NaN"', { deadLetters: { logMax: Number.NaN } }],
    [
      'START_OPTION_INVALID',
      'shutdown.phases',
      { shutdown: { phases: { 'cluster-leave': null } } },
    ],
    ['DURATION_INVALID', '"true" as a duration', { askTimeout: true }],
    ['REMOTE_OPTIONS_INVALID', 'port "abc": it is not', { remote: { port: 'abc' } }],
    ['REMOTE_OPTIONS_INVALID', 'host "5": it is not text', { remote: { host: 5 } }],
    [
      'REMOTE_OPTIONS_INVALID',
      'openSystemPaths "x": it is not a list of texts',
      { remote: { port: 0, openSystemPaths: 'x' } },
    ],
    [
      'REMOTE_OPTIONS_INVALID',
      'handshakeRetryMs "0": it is not a number of at least 1',
      { remote: { port: 0, limits: { handshakeRetryMs: 0 } } },
    ],
    [
      'REMOTE_OPTIONS_INVALID',
      'outboundMessagesMax "abc": it is not a number of at least 1',
      { remote: { port: 0, limits: { outboundMessagesMax: 'abc' } } },
    ],
    [
      'REMOTE_OPTIONS_INVALID',
      'reconnectMinMs "Infinity": it is not a number of milliseconds',
      { remote: { port: 0, limits: { reconnectMinMs: Number.POSITIVE_INFINITY } } },
    ],
    [
      'CLUSTER_OPTION_INVALID',
      'cluster.failureDetector.threshold "-1": it takes a number above 0',
      { remote: { port: 0 }, cluster: { failureDetector: { threshold: -1 } } },
    ],
    ['CLUSTER_OPTION_INVALID', 'keep-oldest', { cluster: { splitBrain: { strategy: 'oldest' } } }],
    ['CLUSTER_OPTION_INVALID', '"off"', { cluster: { splitBrain: { strategy: 'none' } } }],
    ['REMOTE_OPTIONS_INVALID', 'port "22222222": it is not', { remote: { port: 22_222_222 } }],
    ['REMOTE_OPTIONS_INVALID', 'in brackets, "[::1]"', { remote: { host: '::1', port: 0 } }],
    ['REMOTE_OPTIONS_INVALID', 'port "1.5": it is not', { remote: { port: 1.5 } }],
    ['REMOTE_OPTIONS_INVALID', 'bindPort "-1": it', { remote: { port: 0, bindPort: -1 } }],
    ['REMOTE_OPTIONS_INVALID', '"tls": it is none of tcp', { remote: { transport: 'tls' } }],
  ])('refuses what an option does not take: %s, %s', async (code, said, options) => {
    const remote = { host, port: 0 };
    await expect(
      ActorSystem.start({ name: 'wrong', handleSignals: false, remote, ...options }, ports),
    ).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
  });

  const files = { keyFile: 'tls.key', certFile: 'tls.crt', caFile: 'ca.crt' };

  it.each<[string, object]>([
    ['none', { tls: files }],
    ['tcp', { tls: files, transport: 'tcp' }],
    ['none, and but one file', { tls: { caFile: 'ca.crt' } }],
  ])(
    'sends nothing in the clear when files for TLS are given with transport %s',
    async (_, own) => {
      await expect(
        ActorSystem.start(
          { name: 'clear', handleSignals: false, remote: { host, port: 0, ...own } },
          ports,
        ),
      ).rejects.toMatchObject({
        code: 'REMOTE_OPTIONS_INVALID',
        message: expect.stringContaining('unencrypted; set remote.transport to "tls-tcp"'),
      });
    },
  );

  it('takes an option that is undefined for one that is left out', async () => {
    const unset: object = {
      askTimeout: undefined,
      remote: { host: undefined, port: 0, limits: { dialTimeoutMs: undefined } },
      cluster: undefined,
      log: { level: undefined },
    };
    const options = { name: 'unset', handleSignals: false, ...unset };
    const system = await ActorSystem.start(options, ports);
    expect(system.address?.host).toBe('127.0.0.1');
    await system.terminate();
  });

  it.each([
    ['20.19.1', true],
    ['21.7.3', true],
    ['22.14.0', true],
    ['22.15.0', false],
    ['23.0.0', false],
    ['24.0.0-nightly', false],
    ['26.10.0', false],
  ])('on Node %s is refused: %s', (version, isRefused) => {
    const check = expect(() => checkNodeVersion(version));
    if (isRefused) check.toThrow(`Node "${version}": the package needs Node 22.15 or newer`);
    else check.not.toThrow();
  });

  it('is not made by new, nor by a call, and says how it is', () => {
    const wrong = ActorSystem as unknown;
    const useful = expect.objectContaining({
      code: 'ACTOR_ARGUMENT_INVALID',
      message: expect.stringContaining('await ActorSystem.start'),
    });
    expect(() => Reflect.construct(wrong as new () => unknown, [])).toThrow(useful);
    expect(() => Reflect.apply(wrong as () => unknown, undefined, [])).toThrow(useful);
  });

  it('asks for no other Node than the package does', () => {
    const { engines } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    const oldest = String(engines.node).replace('>=', '');
    const [major, minor] = oldest.split('.').map(Number);
    expect(() => checkNodeVersion(oldest)).not.toThrow();
    expect(() => checkNodeVersion(`${major}.${Number(minor) - 1}.0`)).toThrow();
  });

  it('leaves nothing running when the port is taken', async () => {
    const first = await ActorSystem.start(
      { name: 'first', handleSignals: false, remote: { host, port: 0 } },
      ports,
    );
    const port = first.address?.port ?? 0;
    await expect(
      ActorSystem.start({ name: 'second', handleSignals: false, remote: { host, port } }, ports),
    ).rejects.toThrow('in use');
    await first.terminate();
  });
});
