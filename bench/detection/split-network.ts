// Five hosts with a switch between them, whose links a benchmark cuts and heals. The switch is that of the fault tests: it
// makes network namespaces of its own and removes them when this process ends, so nothing leaves them.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const switchProgram = fileURLToPath(new URL('../../faults/switch.py', import.meta.url));
/** Of one more host, on which nothing but this runs: hands what comes in on to the switch, and ends with it. */
const relay = 'echo ready; exec cat > "/proc/self/fd/$FAULTS_SWITCH"';
const startMsMax = 20_000;

export class SplitNetwork {
  readonly #prefix: string;
  readonly #switch: ChildProcess;

  private constructor(prefix: string, child: ChildProcess) {
    this.#prefix = prefix;
    this.#switch = child;
  }

  /** @param name tells networks of one process apart @throws Error when it does not come up */
  static async start(name: string, hostCount: number): Promise<SplitNetwork> {
    const prefix = `parvi-bench${name}-${process.pid}`;
    const words = [switchProgram, prefix, String(hostCount + 1), 'sh', '-c', relay];
    const child = spawn('python3', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { promise: isReady, resolve, reject } = Promise.withResolvers<void>();
    const late = () => reject(new Error(`The network did not come up within ${startMsMax} ms`));
    const timer = setTimeout(late, startMsMax);
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The network ended with code ${code}`)));
    // What it cannot take any more is told by its end.
    child.stdin.on('error', () => undefined);
    await isReady.finally(() => clearTimeout(timer));
    return new SplitNetwork(prefix, child);
  }

  /** Hosts count from 1. */
  address(host: number): string {
    return `10.78.0.${host}`;
  }

  /** Words that run a command on the host, as the process that was started. */
  wrapper(host: number): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.#prefix}-${host}`, '--'];
  }

  /** No packet passes between the two sides, in either direction. */
  cut(side: readonly number[], other: readonly number[]): void {
    this.#order({ op: 'cut', from: side, to: other });
    this.#order({ op: 'cut', from: other, to: side });
  }

  heal(): void {
    this.#order({ op: 'heal' });
  }

  /** Resolves when the namespaces are gone. */
  async stop(): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#switch.once('close', () => resolve());
    if (this.#switch.exitCode !== null) return;
    this.#switch.stdin?.end();
    await ended;
  }

  #order(order: Readonly<Record<string, unknown>>): void {
    this.#switch.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
