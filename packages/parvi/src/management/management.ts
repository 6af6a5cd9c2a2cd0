// The management server of an actor system: puts routes and guards together, listens, and closes with the system, after
// the member has left its cluster.

import { type ActorSystem, type ExtensionKey, extensionKey } from '../actor/index.ts';
import { clusterKey } from '../cluster/index.ts';
import { readTextFile } from '../config/index.ts';
import { remotingOf } from '../remote/index.ts';
import { type Cancellable, type Duration, durationMs } from '../runtime/index.ts';
import type { ClusterPort } from './cluster-port.ts';
import { ManagementError } from './errors.ts';
import { managementGuards } from './guards.ts';
import type { HttpLimits, HttpListener, ListenHttp } from './http-server.ts';
import {
  checkManagementOptions,
  defaultManagementPort,
  type ManagementLimits,
  type ManagementOptions,
  managementLimitsDefaults,
  pathOf,
} from './options.ts';
import { Router } from './router.ts';
import { managementRoutes } from './routes.ts';
import { type FilePorts, Secret } from './secret.ts';
import { noShards, type ShardPort } from './shard-routes.ts';
import type { ServerTlsFiles } from './tls-files.ts';

/** Where a started management hangs on its actor system. */
export const managementKey: ExtensionKey<Management> = extensionKey<Management>('management');

/** Under which others reach a management server; what discovery must return for a node that bootstraps. */
export interface SelfContactPoint {
  readonly host: string;
  readonly port: number;
}

export interface Management {
  /** `http://host:port`, with the base path if there is one. */
  readonly url: string;
  /** The one announced, with port 0 the one that was free. */
  readonly port: number;
  readonly selfContactPoint: SelfContactPoint;
  /** Part of coordinated shutdown; never rejects. */
  close(): Promise<void>;
}

/** What tests hand in instead of the network and the file system. */
export interface ManagementPorts {
  readonly listen?: ListenHttp;
  readonly readText?: FilePorts['readText'];
  readonly cluster?: ClusterPort;
  readonly sharding?: ShardPort;
}

interface Opened {
  readonly secret: Secret | undefined;
  readonly tls: ServerTlsFiles | undefined;
}

/**
 * Starts the management server of a system and resolves when it listens.
 *
 * Promises: without `writes` no route changes anything; no request keeps more than its limits of memory and time; health
 * routes answer within the time limits of their checks. Does not promise secrecy: without `authentication` everybody who
 * reaches the port reads what it tells.
 *
 * @throws ManagementError `MANAGEMENT_OPTIONS_INVALID`, `MANAGEMENT_BIND_FAILED`, `MANAGEMENT_SECRET_UNREADABLE`,
 * `MANAGEMENT_TLS_FILES_INVALID`, `MANAGEMENT_ALREADY_STARTED`, as a rejection
 */
export async function startManagement(
  system: ActorSystem,
  options: ManagementOptions = {},
  ports: ManagementPorts = {},
): Promise<Management> {
  checkManagementOptions(options);
  refuseSecond(system);
  const opened = await openFiles(system, options, ports);
  try {
    return await listen(system, options, ports, opened);
  } catch (error) {
    opened.secret?.close();
    opened.tls?.close();
    throw error;
  }
}

function refuseSecond(system: ActorSystem): void {
  const running = system.findExtension(managementKey);
  if (running === undefined) return;
  throw new ManagementError(
    'MANAGEMENT_ALREADY_STARTED',
    `Cannot start management of the actor system "${system.name}": it is there already, at "${running.url}"`,
    { fields: { url: running.url } },
  );
}

async function openFiles(
  system: ActorSystem,
  { authentication, tls, reloadInterval }: ManagementOptions,
  { readText = readTextFile }: ManagementPorts,
): Promise<Opened> {
  const { clock, timers } = system.runtime;
  const log = system.log.child({ part: 'management' });
  const filePorts = { readText, log, clock, timers };
  const intervalMs = durationMs(reloadInterval ?? 60_000, 'reloadInterval');
  const secret =
    authentication === undefined ? undefined : new Secret(authentication, filePorts, intervalMs);
  if (tls === undefined) return { secret, tls };
  const { ServerTlsFiles: Files } = await import('./tls-files.ts');
  return { secret, tls: new Files(tls, filePorts, intervalMs) };
}

async function listen(
  system: ActorSystem,
  options: ManagementOptions,
  ports: ManagementPorts,
  opened: Opened,
): Promise<Management> {
  const own = remotingOf(system)?.address.host ?? '127.0.0.1';
  const { host = own, port = defaultManagementPort, bindHost = host, bindPort = port } = options;
  const cluster = ports.cluster ?? system.findExtension(clusterKey);
  const basePath = pathOf(options.basePath ?? '');
  const log = system.log.child({ part: 'management' });
  const { sharding = noShards } = ports;
  const parts = managementRoutes(system, { cluster, sharding }, options);
  const router = new Router({
    basePath: basePath === '' ? '' : `/${basePath}`,
    routes: parts.routes,
    guards: managementGuards(options, bindHost, opened.secret),
    onError: (error, { method, path }) => {
      log.error(
        { error, method, path },
        'A management route has failed; its client got status 500',
      );
    },
  });
  const { listenHttp } = await import('./http-server.ts');
  const listener = await (ports.listen ?? listenHttp)({
    host: bindHost,
    port: bindPort,
    limits: limitsOf(options.limits ?? {}),
    timers: system.runtime.timers,
    tls: opened.tls,
    answer: (request) => router.answer(request),
  });
  const announced = port === 0 ? listener.port : port;
  const scheme = opened.tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${host}:${announced}${basePath === '' ? '' : `/${basePath}`}`;
  const closables = [...parts.closables, ...readiness(system, cluster, options)];
  const management = new RunningManagement(system, {
    listener,
    opened,
    closables,
    url,
    host,
    port: announced,
  });
  log.info({ url, writes: options.writes === true }, 'Management is served');
  if (
    options.writes === true &&
    options.authentication === undefined &&
    opened.tls?.isMutual !== true
  ) {
    log.warn(
      { url },
      'Management takes changes from everybody who reaches its port; set management.authentication, or leave management.writes off',
    );
  }
  return system.extension(managementKey, () => management);
}

/** The cluster itself counts WeaklyUp as ready. */
function readiness(
  system: ActorSystem,
  cluster: ClusterPort | undefined,
  { readyWhenWeaklyUp = true }: ManagementOptions,
): Cancellable[] {
  if (cluster === undefined || readyWhenWeaklyUp) return [];
  return [
    system.health.register({
      name: 'cluster-member-up',
      aspect: 'ready',
      check: () =>
        cluster.selfMember.status === 'Up' || `cluster status is ${cluster.selfMember.status}`,
    }),
  ];
}

function limitsOf(given: ManagementLimits): HttpLimits {
  const limits = { ...managementLimitsDefaults, ...given };
  const ms = (value: Duration, name: string): number => durationMs(value, `limits.${name}`);
  return {
    connectionsMax: limits.connectionsMax,
    headerBytesMax: limits.headerBytesMax,
    bodyBytesMax: limits.bodyBytesMax,
    headersTimeoutMs: ms(limits.headersTimeout, 'headersTimeout'),
    requestTimeoutMs: ms(limits.requestTimeout, 'requestTimeout'),
    idleTimeoutMs: ms(limits.idleTimeout, 'idleTimeout'),
  };
}

interface Running {
  readonly listener: HttpListener;
  readonly opened: Opened;
  readonly closables: readonly Cancellable[];
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

class RunningManagement implements Management {
  readonly url: string;
  readonly port: number;
  readonly selfContactPoint: SelfContactPoint;
  readonly #running: Running;
  readonly #task: Cancellable;
  #closing: Promise<void> | undefined;

  constructor(system: ActorSystem, running: Running) {
    const { url, host, port } = running;
    this.url = url;
    this.port = port;
    this.selfContactPoint = { host, port };
    this.#running = running;
    // Others ask a leaving member how it stands until it has left.
    this.#task = system.coordinatedShutdown.addTask(
      'before-actor-system-terminate',
      'stop-management',
      () => this.close(),
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { listener, opened, closables } = this.#running;
    this.#task.cancel();
    await listener.close();
    for (const each of closables) each.cancel();
    opened.secret?.close();
    opened.tls?.close();
  }
}

/** The management of a system, if it was started. */
export function managementOf(system: ActorSystem): Management | undefined {
  return system.findExtension(managementKey);
}
