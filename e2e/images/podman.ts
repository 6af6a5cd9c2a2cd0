// Containers for tests, by podman: installed when it is missing, with settings of its own that change nothing outside a
// temporary folder. `CONTAINER_CA` names a file of further authorities that builds must trust to reach registries.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = ['podman', 'runc', 'iptables', 'debootstrap'];
const packages = [...programs, 'buildah', 'conmon', 'netavark', 'aardvark-dns'];

/**
 * runc instead of crun, and limits below what a machine without CAP_SYS_RESOURCE may set: with these podman runs as root
 * in virtual machines and build servers, also where control groups are mixed of versions 1 and 2.
 */
const settings = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

let environment: NodeJS.ProcessEnv | undefined;

/** With which podman is to be called; after {@link preparePodman}. */
export function podmanEnvironment(): NodeJS.ProcessEnv {
  return environment ?? process.env;
}

export interface Output {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a program and waits for it; `input` goes to its standard input. */
export function run(program: string, words: readonly string[], input?: Buffer | string): Output {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    env: podmanEnvironment(),
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
  if (error !== undefined) throw error;
  return { status: status ?? 1, out: stdout, error: stderr };
}

/** As {@link run}, and throws with what the program said when it fails. */
export function must(program: string, words: readonly string[], input?: Buffer | string): string {
  const { status, out, error } = run(program, words, input);
  if (status === 0) return out.trim();
  const said = `${out}\n${error}`.trim().split('\n').slice(-40).join('\n');
  throw new Error(`"${program} ${words.join(' ')}" failed with code ${status}:\n${said}`);
}

/** Makes podman usable; throws when it is missing and cannot be installed. */
export function preparePodman(): void {
  if (environment !== undefined) return;
  if (programs.some((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)) {
    const noQuestions = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: noQuestions,
    });
  }
  const file = join(mkdtempSync(join(tmpdir(), 'parvi-podman-')), 'containers.conf');
  writeFileSync(file, settings);
  environment = { ...process.env, CONTAINERS_CONF: file };
  must('podman', ['info', '--format', '{{.Host.OS}}']);
}

export function podman(...words: readonly string[]): string {
  return must('podman', words);
}

/**
 * What a build needs besides its context where registries are reached through an authority of the machine's own: that
 * authority, read-only, and npm told of it. Nothing of it stays in the image.
 */
export function trustOfBuilds(): string[] {
  const authorities = process.env.CONTAINER_CA ?? process.env.NODE_EXTRA_CA_CERTS;
  if (authorities === undefined || !existsSync(authorities)) return [];
  const inside = '/etc/ssl/certs/ca-certificates.crt';
  const npmrc = join(mkdtempSync(join(tmpdir(), 'parvi-npmrc-')), 'npmrc');
  writeFileSync(npmrc, `cafile = ${inside}\n`);
  return ['-v', `${authorities}:${inside}:ro`, '-v', `${npmrc}:/usr/local/etc/npmrc:ro`];
}
