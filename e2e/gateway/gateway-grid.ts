// Two real controllers, two real workers, and the real Envoy before them, all on this machine.

import type { NodeProcess } from '../../apps/valuation/test/acceptance/node-process.ts';
import { ProcessGrid } from '../../apps/valuation/test/acceptance/process-grid.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { Authority } from '../../packages/parvi/test/remoting/certificates.ts';
import { Envoy } from './envoy.ts';
import { GatewayFiles } from './gateway-config.ts';

const host = '127.0.0.1';

/** Twice the interval at which the gateway asks controllers whether they are ready, and one more. */
export const leaveNotice = '3s';

export interface GatewayGridOptions {
  /** Where a block of 20 ports is looked for first. */
  readonly ports: number;
  readonly requestsPerSecond?: number;
  /** How long the nodes may take to be Up. */
  readonly startMsMax?: number;
}

export class GatewayGrid {
  readonly grid: ProcessGrid;
  readonly controllers: NodeProcess[];
  readonly authority: Authority;
  readonly files: GatewayFiles;
  readonly envoy: Envoy;

  private constructor(
    parts: Pick<GatewayGrid, 'grid' | 'controllers' | 'authority' | 'files' | 'envoy'>,
  ) {
    this.grid = parts.grid;
    this.controllers = parts.controllers;
    this.authority = parts.authority;
    this.files = parts.files;
    this.envoy = parts.envoy;
  }

  /** Resolves when all four nodes are Up and the gateway sends to both controllers. */
  static async start(options: GatewayGridOptions): Promise<GatewayGrid> {
    const { requestsPerSecond } = options;
    const words = ['--controller.leave-notice-ms', leaveNotice];
    const { grid, controllers } = await startGrid(options, words);
    const authority = new Authority('Gateway test authority');
    const files = new GatewayFiles({
      httpPort: gatewayPort(grid, 'http'),
      httpsPort: gatewayPort(grid, 'https'),
      adminPort: gatewayPort(grid, 'admin'),
      controllerPorts: [grid.httpPort(0), grid.httpPort(1)],
      certificate: authority.issue({ name: 'gateway', hosts: ['localhost', host] }),
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    });
    let envoy: Envoy | undefined;
    try {
      envoy = await Envoy.start({
        configFile: files.configFile,
        adminPort: gatewayPort(grid, 'admin'),
        baseId: grid.httpPort(0),
      });
      const started = new GatewayGrid({ grid, controllers, authority, files, envoy });
      await started.untilBoth();
      return started;
    } catch (error) {
      await envoy?.stop();
      files.remove();
      await grid.stop();
      throw error;
    }
  }

  /** Below the prefix, with the slash at the end. */
  get url(): string {
    return `http://${host}:${gatewayPort(this.grid, 'http')}/ve-svc/`;
  }

  get secureUrl(): string {
    return `https://localhost:${gatewayPort(this.grid, 'https')}/ve-svc/`;
  }

  get adminUrl(): string {
    return `http://${host}:${gatewayPort(this.grid, 'admin')}/`;
  }

  /** The address of a controller as the gateway names it. */
  upstream(controller: number): string {
    return `${host}:${this.grid.httpPort(controller)}`;
  }

  /** Resolves when the gateway sends to both controllers. */
  async untilBoth(): Promise<void> {
    const all = async () =>
      (await this.envoy.avoided()).size === 0 &&
      (await this.envoy.statistic('cluster.controllers.membership_healthy')) === 2;
    await until('both controllers to be sent to', all, { timeoutMs: 30_000 });
  }

  /** Resolves with the milliseconds until the gateway does not send to the controller any more. */
  async untilAvoided(controller: number): Promise<number> {
    const fromMs = performance.now();
    const what = `the gateway to turn away from ${this.upstream(controller)}`;
    const isAvoided = async () => (await this.envoy.avoided()).has(this.upstream(controller));
    await until(what, isAvoided, { timeoutMs: 20_000, pollMs: 5 });
    return performance.now() - fromMs;
  }

  /** Starts a controller anew at its address; resolves when the gateway sends to both. */
  async restart(controller: number): Promise<void> {
    const words = ['--controller.leave-notice-ms', leaveNotice];
    this.controllers[controller] = this.grid.startController(controller, words);
    await this.grid.untilUp(4, 1 - controller);
    await this.untilBoth();
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    this.files.remove();
    await this.grid.stop();
  }
}

async function startGrid(
  { ports, startMsMax }: GatewayGridOptions,
  controllerWords: readonly string[],
) {
  const grid = await ProcessGrid.create({
    ports,
    ...(startMsMax === undefined ? {} : { startMsMax }),
    words: ['--cluster.split-brain.stable-after', '5s'],
  });
  try {
    const controllers = [0, 1].map((index) => grid.startController(index, controllerWords));
    for (let i = 0; i < 2; i++) grid.startWorker();
    await grid.untilUp(4);
    return { grid, controllers };
  } catch (error) {
    await grid.stop();
    throw error;
  }
}

const offsets = { http: 2, https: 3, admin: 4 } as const;

/** Ports of the grid's own block that it does not use. */
function gatewayPort(grid: ProcessGrid, which: keyof typeof offsets): number {
  return grid.httpPort(0) + offsets[which];
}
