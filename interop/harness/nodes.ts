// Starts nodes of both kinds, each with a loopback address of its own, and ends them with the test that started them.

import type { StartOptions } from 'parvi';
import { agree, isUp } from './expectations.ts';
import { figure } from './figures.ts';
import type { NodeProcess } from './node-process.ts';
import { configText, smallJvm, startParvi, startPekko } from './node-programs.ts';
import { buildPeer, newestPekko, type PeerVersion } from './peer-build.ts';

export type Kind = 'parvi' | 'pekko';

export interface NodeOptions {
  readonly roles?: readonly string[];
  readonly appVersion?: string;
  /** Default: all addresses given to {@link Nodes.seeds}. */
  readonly seeds?: readonly string[];
  /** Settings of Pekko by their full name; nodes of the JVM only. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Options of Parvi over those of the tests. */
  readonly parvi?: Pick<
    StartOptions,
    'cluster' | 'remote' | 'management' | 'bootstrap' | 'discovery' | 'telemetry'
  >;
  readonly version?: PeerVersion;
  /** The whole configuration of a JVM node, instead of that of the tests. */
  readonly config?: string;
  /** Path of the lease by which partitions are decided; without it the strategy needs none. */
  readonly lease?: string;
  /** Where the node listens when its announced address belongs to somebody in between. */
  readonly bindPort?: number;
}

const systemName = 'interop';
const port = 25_520;

/** Split-brain decisions after 3 s instead of 20 s. */
const stableAfter = '3s';

/**
 * For tests in which nobody may be unreachable: on a machine that does much else a node is silent for seconds, whatever its
 * kind. One that goes without taking leave is noticed all the same.
 */
export const patient = {
  settings: { 'pekko.cluster.failure-detector.acceptable-heartbeat-pause': '10s' },
  parvi: { cluster: { failureDetector: { acceptableHeartbeatPause: '10s' } } },
} as const satisfies NodeOptions;

export class Nodes {
  readonly all: NodeProcess[] = [];
  readonly protocol: string;
  /** Two octets of the addresses, so that runs beside each other do not meet. */
  readonly #net: string;
  readonly #javaWords: readonly string[];
  #last = 9;

  constructor(
    options: { readonly protocol?: string; readonly javaWords?: readonly string[] } = {},
  ) {
    this.protocol = options.protocol ?? 'pekko';
    this.#javaWords = options.javaWords ?? smallJvm;
    const octet = (): number => 20 + Math.floor(Math.random() * 220);
    this.#net = `127.${octet()}.${octet()}`;
  }

  /** The next free host; two digits at the end, so that the order of texts is that of numbers. */
  nextHost(): string {
    this.#last++;
    return `${this.#net}.${this.#last}`;
  }

  address(host: string): string {
    return `${this.protocol}://${systemName}@${host}:${port}`;
  }

  /** Starts a node and resolves when it listens. */
  async start(kind: Kind, host: string, options: NodeOptions = {}): Promise<NodeProcess> {
    const node = kind === 'parvi' ? this.#parvi(host, options) : await this.#pekko(host, options);
    this.all.push(node);
    const { address = '', uid = '' } = await node.until('start', (line) => line.event === 'ready', {
      timeoutMs: 120_000,
    });
    node.address = address;
    node.uid = uid;
    figure('nodes', kind === 'parvi' ? kind : nameOf(options.version));
    return node;
  }

  /** Starts nodes one after the other into one cluster, the first as its first seed, and waits until all are Up. */
  async cluster(
    kinds: readonly Kind[],
    optionsOf: (index: number) => NodeOptions = () => ({}),
  ): Promise<NodeProcess[]> {
    const hosts = kinds.map(() => this.nextHost());
    const seeds = hosts.slice(0, 2).map((host) => this.address(host));
    const started: NodeProcess[] = [];
    for (const [index, kind] of kinds.entries()) {
      const host = hosts[index] ?? '';
      const node = await this.start(kind, host, { seeds, ...optionsOf(index) });
      started.push(node);
      await isUp(node, node.address);
    }
    await agree(started, (state) => state.members.every(({ status }) => status === 'Up'));
    return started;
  }

  /** Kills what still runs. */
  async stop(): Promise<void> {
    const running = this.all.filter((node) => node.isRunning);
    for (const node of running) {
      node.signal('SIGKILL');
    }
    await Promise.all(running.map((node) => node.exited));
  }

  #parvi(host: string, options: NodeOptions): NodeProcess {
    const { roles = [], appVersion, seeds = [], parvi = {}, bindPort } = options;
    const start: StartOptions = {
      name: systemName,
      remote: {
        host,
        port,
        protocol: this.protocol,
        ...(bindPort === undefined ? {} : { bindPort }),
        ...parvi.remote,
      },
      cluster: {
        seedNodes: seeds,
        roles,
        acceptProtocols: [this.protocol],
        ...(appVersion === undefined ? {} : { appVersion }),
        splitBrain: { stableAfter },
        retryUnsuccessfulJoinAfter: '2s',
        ...parvi.cluster,
      },
      ...(parvi.management === undefined ? {} : { management: parvi.management }),
      ...(parvi.bootstrap === undefined ? {} : { bootstrap: parvi.bootstrap }),
      ...(parvi.discovery === undefined ? {} : { discovery: parvi.discovery }),
      ...(parvi.telemetry === undefined ? {} : { telemetry: parvi.telemetry }),
    };
    const environment = options.lease === undefined ? {} : { INTEROP_LEASE: options.lease };
    return startParvi({ host, options: start, environment });
  }

  async #pekko(host: string, options: NodeOptions): Promise<NodeProcess> {
    const { roles = [], appVersion, seeds = [], settings = {}, version, bindPort = port } = options;
    const peer = await buildPeer(version);
    const all: Record<string, unknown> = {
      'pekko.remote.artery.canonical.hostname': host,
      'pekko.remote.artery.canonical.port': port,
      'pekko.remote.artery.bind.port': bindPort,
      'pekko.cluster.seed-nodes': seeds,
      'pekko.cluster.roles': roles,
      'pekko.cluster.split-brain-resolver.stable-after': stableAfter,
      'pekko.cluster.retry-unsuccessful-join-after': '2s',
      ...(appVersion === undefined ? {} : { 'pekko.cluster.app-version': appVersion }),
      ...(options.lease === undefined ? {} : leaseSettings(options.lease)),
      ...settings,
    };
    const text = configText(all);
    return startPekko({
      host,
      system: systemName,
      classPath: peer.classPath,
      javaWords: this.#javaWords,
      config: options.config ?? (peer.isAkka ? text.replace(/^pekko\./gm, 'akka.') : text),
    });
  }
}

function leaseSettings(path: string): Readonly<Record<string, unknown>> {
  const resolver = 'pekko.cluster.split-brain-resolver';
  return {
    [`${resolver}.active-strategy`]: 'lease-majority',
    [`${resolver}.lease-majority.lease-implementation`]: 'interop.lease',
    'interop.lease.lease-class': 'parvi.interop.FileLease',
    'interop.lease.path': path,
  };
}

function nameOf(version: PeerVersion = newestPekko): string {
  return version.startsWith('akka-') ? version : `pekko-${version}`;
}
