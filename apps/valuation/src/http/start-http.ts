// The HTTP server as a part of a controller node: listens, and closes with the node's coordinated shutdown.

import { type ActorSystem, ParviError } from 'parvi';
import type { Logger } from 'parvi/observe';
import { IntakePool } from '../intake/index.ts';
import type { GridApi } from './grid-api.ts';
import { checkedNames } from './host-names.ts';
import { ensurePage } from './page.ts';
import { RunningAnswers } from './running-answers.ts';
import { buildHttpServer } from './server.ts';

/** How long answers under way may take when the controller stops; its phase of the shutdown ends after 5 s. */
const answersMsMax = 3000;

export interface StartHttpOptions {
  readonly system: ActorSystem;
  readonly grid: GridApi;
  readonly host: string;
  /** Names by which it may be called besides addresses and localhost. On loopback others are refused, elsewhere when there are any. */
  readonly allowedHosts?: readonly string[];
  /** 0 takes any free one. */
  readonly port: number;
  /** Serve the live page. */
  readonly page: boolean;
  readonly version: string;
  readonly log: Logger;
}

export interface RunningHttp {
  readonly port: number;
}

/** @throws ParviError `HTTP_LISTEN_FAILED` when the port is in use or the address is not this machine's */
export async function startHttp(options: StartHttpOptions): Promise<RunningHttp> {
  const { system, log, host } = options;
  const hostNames = checkedNames(host, options.allowedHosts ?? []);
  const intake = new IntakePool();
  const clientsGone = system.metrics.counter({
    name: 'valuation_http_clients_gone_total',
    help: 'Requests whose client went before they were whole',
  });
  const server = await buildHttpServer({
    grid: options.grid,
    intake,
    timers: system.runtime.timers,
    health: system.health,
    tracing: system.tracing,
    version: options.version,
    onInternalError: (error) => log.error({ error }, 'A request failed inside the controller'),
    onClientGone: () => {
      clientsGone.add();
      log.debug({}, 'A client went before its request was whole');
    },
    ...(hostNames === undefined ? {} : { hostNames }),
    ...(options.page ? { pageDirectory: await ensurePage() } : {}),
  });
  const answers = new RunningAnswers(server.server);
  system.coordinatedShutdown.addTask('service-unbind', 'close-http', async () => {
    await answers.sent(system.runtime.timers, answersMsMax);
    await server.close();
    await intake.close();
  });
  try {
    await server.listen({ host, port: options.port });
  } catch (cause) {
    throw listenFailed(host, options.port, cause);
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  log.info({ url: `http://${host}:${port}/` }, 'HTTP server listens');
  return { port };
}

function listenFailed(host: string, port: number, cause: unknown): ParviError {
  const code = (cause as NodeJS.ErrnoException).code;
  const reason =
    code === 'EADDRINUSE'
      ? 'the port is in use: stop what uses it, or choose another with --http.port'
      : `${(cause as Error).message}: give an address of this machine with --http.host`;
  return new ParviError(
    'HTTP_LISTEN_FAILED',
    `Cannot listen on ${host}:${port} for HTTP: ${reason}`,
    {
      fields: { host, port },
      cause,
    },
  );
}
