// The management server of an actor system: puts routes and guards together, listens, and closes with the system, after
// the member has left its cluster.

import { type ActorSystem, type ExtensionKey, extensionKey } from '../actor/index.ts';
import { clusterKey } from '../cluster/index.ts';
import { readSecretFile } from '../config/index.ts';
import { registerProcessMetrics } from '../observe/index.ts';
import { remotingOf } from '../remote/index.ts';
import {
  type Cancellable,
  type Duration,
  durationMs,
  monitorLoopDelay,
  type ProcessPort,
  systemProcess,
  systemUsage,
  urlHost,
} from '../runtime/index.ts';
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
import type { Route } from './protocol.ts';
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

/** What tests hand in instead of the network, the file system, the cluster and the event loop. */
export interface ManagementPorts {
  readonly listen?: ListenHttp;
  readonly readText?: FilePorts['readText'];
  readonly cluster?: ClusterPort;
  readonly sharding?: ShardPort;
  readonly monitorLoopDelay?: typeof monitorLoopDelay;
  readonly process?: ProcessPort;
}

/** Timers that fire so often show how late the event loop is. */
const loopSampleMs = 20;

interface Opened {
  readonly secret: Secret | undefined;
  readonly tls: ServerTlsFiles | undefined;
  /** All that has to end with the server. */
  readonly closables: Cancellable[];
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
    const management = await serve(system, options, ports, opened);
    return system.extension(managementKey, () => management);
  } catch (error) {
    cancelAll(opened);
    throw error;
  }
}

function cancelAll({ closables }: Opened): void {
  for (const each of closables.splice(0)) each.cancel();
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
  { readText = readSecretFile }: ManagementPorts,
): Promise<Opened> {
  const { clock, timers } = system.runtime;
  const log = system.log.child({ part: 'management' });
  const filePorts = { readText, log, clock, timers };
  const intervalMs = durationMs(reloadInterval ?? 60_000, 'reloadInterval');
  const closables: Cancellable[] = [];
  const secret =
    authentication === undefined ? undefined : new Secret(authentication, filePorts, intervalMs);
  if (secret !== undefined) closables.push({ cancel: () => secret.close() });
  if (tls === undefined) return { secret, tls, closables };
  try {
    const { ServerTlsFiles: Files } = await import('./tls-files.ts');
    const files = new Files(tls, filePorts, intervalMs);
    closables.push({ cancel: () => files.close() });
    return { secret, tls: files, closables };
  } catch (error) {
    secret?.close();
    throw error;
  }
}

async function serve(
  system: ActorSystem,
  options: ManagementOptions,
  ports: ManagementPorts,
  opened: Opened,
): Promise<Management> {
  const own = remotingOf(system)?.address.host ?? '127.0.0.1';
  const { host = own, port = defaultManagementPort, bindHost = host, bindPort = port } = options;
  const { listen = (await import('./http-server.ts')).listenHttp } = ports;
  const prefix = pathOf(options.basePath ?? '');
  const basePath = prefix === '' ? '' : `/${prefix}`;
  const log = system.log.child({ part: 'management' });
  const router = new Router({
    basePath,
    routes: routesOf(system, options, ports, opened),
    guards: managementGuards(options, bindHost, opened.secret),
    onError: (error, { method, path }) => {
      const line = 'A management route has failed, and its client got status 500';
      log.error({ error, method, path }, line);
    },
  });
  const listener = await listen({
    host: bindHost,
    port: bindPort,
    limits: limitsOf(options.limits ?? {}),
    timers: system.runtime.timers,
    tls: opened.tls,
    answer: (request) => router.answer(request),
  });
  const scheme = opened.tls === undefined ? 'http' : 'https';
  const selfContactPoint = { host, port: port === 0 ? listener.port : port };
  const url = `${scheme}://${urlHost(host)}:${selfContactPoint.port}${basePath}`;
  log.info({ url, writes: options.writes === true }, 'Management is served');
  if (isOpenToChanges(options)) {
    const line =
      'Management takes changes from everybody who reaches its port; set management.authentication or management.tls.clientCaFile, or leave management.writes off';
    log.warn({ url }, line);
  }
  return new RunningManagement(system, { listener, url, selfContactPoint, opened });
}

function isOpenToChanges({ writes, authentication, tls }: ManagementOptions): boolean {
  return writes === true && authentication === undefined && tls?.clientCaFile === undefined;
}

function routesOf(
  system: ActorSystem,
  options: ManagementOptions,
  ports: ManagementPorts,
  { closables }: Opened,
): readonly Route[] {
  const { cluster = system.findExtension(clusterKey), sharding = noShards } = ports;
  const loopDelay = (ports.monitorLoopDelay ?? monitorLoopDelay)(loopSampleMs);
  const { process = systemProcess } = ports;
  closables.push({ cancel: () => loopDelay.stop() });
  const measured = { process, usage: systemUsage, loopDelay, ...system.runtime };
  closables.push(...registerProcessMetrics(system.metrics, measured));
  closables.push(...readiness(system, cluster, options));
  const parts = managementRoutes(system, { cluster, sharding, loopDelay }, options);
  closables.push(...parts.closables);
  return parts.routes;
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
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const limits: Required<ManagementLimits> = {
    ...managementLimitsDefaults,
    ...Object.fromEntries(set),
  };
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
  readonly url: string;
  readonly selfContactPoint: SelfContactPoint;
  readonly opened: Opened;
}

class RunningManagement implements Management {
  readonly url: string;
  readonly port: number;
  readonly selfContactPoint: SelfContactPoint;
  readonly #running: Running;
  readonly #task: Cancellable;
  #closing: Promise<void> | undefined;

  constructor(system: ActorSystem, running: Running) {
    const { url, selfContactPoint } = running;
    this.url = url;
    this.port = selfContactPoint.port;
    this.selfContactPoint = selfContactPoint;
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
    this.#task.cancel();
    await this.#running.listener.close();
    cancelAll(this.#running.opened);
  }
}

/** The management of a system, if it was started. */
export function managementOf(system: ActorSystem): Management | undefined {
  return system.findExtension(managementKey);
}
