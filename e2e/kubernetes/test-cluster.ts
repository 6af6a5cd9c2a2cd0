// The cluster that tests run on. They need two things of it only, so that any cluster will do: KUBECONFIG, and LOAD_IMAGE,
// a command that takes the name of an image of podman (`kind load docker-image`). Without KUBECONFIG the one of `testbed` is
// used: as it is when it is up, else it is started here, and ended after the run.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const testbed = join(import.meta.dirname, 'testbed');

export interface TestCluster {
  readonly kubeconfig: string;
  /** Runs kubectl and gives what it printed; throws with what it said when it fails, or a ProgramStuck after the limit. */
  kubectl(words: readonly string[], input?: string, limitMs?: number): Promise<string>;
  /** Puts an image of podman's store where pods find it with imagePullPolicy IfNotPresent. */
  loadImage(name: string): Promise<void>;
}

/** Names the file in which tests leave word that they started the testbed; set by the global set-up. */
const markVariable = 'PARVI_E2E_STARTED';

let shared: Promise<TestCluster> | undefined;

/** The cluster of this run; started when the first test wants it. */
export function testCluster(): Promise<TestCluster> {
  shared ??= open();
  return shared;
}

async function open(): Promise<TestCluster> {
  const given = process.env.KUBECONFIG ?? '';
  if (given !== '') {
    const load = (process.env.LOAD_IMAGE ?? '').split(' ').filter((word) => word !== '');
    return using(given, 'kubectl', load);
  }
  const isUp = await runProgram(join(testbed, 'kubectl.sh'), ['get', '--raw', '/readyz']).then(
    () => true,
    () => false,
  );
  const mark = process.env[markVariable];
  if (!isUp && mark !== undefined) writeFileSync(mark, '');
  const kubeconfig = (await runProgram(join(testbed, 'up.sh'), [])).trim();
  return using(kubeconfig, join(testbed, 'kubectl.sh'), [join(testbed, 'load-image.sh')]);
}

function using(kubeconfig: string, kubectl: string, load: readonly string[]): TestCluster {
  return {
    kubeconfig,
    kubectl: (words, input, limitMs) =>
      runProgram(kubectl, words, { input, limitMs, KUBECONFIG: kubeconfig }),
    async loadImage(name) {
      const [program, ...words] = load;
      if (program === undefined) {
        throw new Error(
          'Cannot load an image: LOAD_IMAGE is not set; set it to a command that takes the name of an image, such as "kind load docker-image"',
        );
      }
      await runProgram(program, [...words, name]);
    },
  };
}

interface RunOptions {
  readonly input?: string | undefined;
  /** Longer runs are killed, with all that they started. */
  readonly limitMs?: number | undefined;
  readonly KUBECONFIG?: string;
}

/** A program that had not ended in its time. */
export class ProgramStuck extends Error {}

/** Gives what the program printed; rejects with what it said when it fails. */
export function runProgram(
  program: string,
  words: readonly string[],
  { input = '', limitMs, ...environment }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    // A group of its own can be killed as a whole.
    const child = spawn(program, words, { env, detached: limitMs !== undefined });
    const stuck = () => {
      reject(new ProgramStuck(`"${program} ${words.join(' ')}" had not ended after ${limitMs} ms`));
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = limitMs === undefined ? undefined : setTimeout(stuck, limitMs);
    let [out, error] = ['', ''];
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      error += part;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(out);
      else reject(new Error(`"${program} ${words.join(' ')}" failed with ${code}: ${error}${out}`));
    });
    child.stdin.end(input);
  });
}

export interface Connection {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
}

/** Where the API server is, for clients with a token of their own. */
export async function connectionOf(cluster: TestCluster): Promise<Connection> {
  const text = await cluster.kubectl([
    'config',
    'view',
    '--raw',
    '--minify',
    '--flatten',
    '-o',
    'json',
  ]);
  const config: { clusters: { cluster: Record<string, string> }[] } = JSON.parse(text);
  const { server = '', 'certificate-authority-data': data = '' } =
    config.clusters[0]?.cluster ?? {};
  return { server, authority: Buffer.from(data, 'base64').toString('utf8') };
}

/** Vitest's global set-up: what the tests started is ended after the last of them. */
export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-e2e-'));
  const mark = join(folder, 'started');
  process.env[markVariable] = mark;
  return async () => {
    const wasStarted = existsSync(mark) && readFileSync(mark, 'utf8') === '';
    rmSync(folder, { recursive: true, force: true });
    if (wasStarted) await runProgram(join(testbed, 'down.sh'), []);
  };
}
