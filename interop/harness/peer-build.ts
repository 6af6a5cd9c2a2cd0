// Builds the node of the JVM, once for each version and state of its sources, and says how it is started. What it needs
// and does not find (JDK, Maven) it installs.

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const peerFolder = fileURLToPath(new URL('../peer', import.meta.url));
const builds = join(peerFolder, 'target', 'builds');

/**
 * `1.7.0` of Apache Pekko, or `akka-2.6.21`: the same protocol under its older names. `1.2.1+management-1.1.1` has Pekko
 * Management too, which it starts with the setting `interop.management = on`.
 */
export type PeerVersion = string;

export const newestPekko: PeerVersion = '1.7.0';

/** The newest Pekko Management of which all parts can be had, and a Pekko that it was made for. */
export const pekkoWithManagement: PeerVersion = '1.2.1+management-1.1.1';

export interface Peer {
  readonly version: PeerVersion;
  readonly isAkka: boolean;
  readonly classPath: string;
}

const built = new Map<PeerVersion, Promise<Peer>>();
const run = promisify(execFile);

/** Builds the peer if that has not been done before. @throws Error when Maven fails */
export function buildPeer(version: PeerVersion = newestPekko): Promise<Peer> {
  const known = built.get(version);
  if (known !== undefined) return known;
  const building = peerOf(version);
  built.set(version, building);
  return building;
}

async function peerOf(version: PeerVersion): Promise<Peer> {
  const isAkka = version.startsWith('akka-');
  const folder = join(builds, `${version}-${sourcesHash()}`);
  if (!existsSync(join(folder, 'classpath.txt'))) await compile(version, isAkka, folder);
  const jars = readFileSync(join(folder, 'classpath.txt'), 'utf8').trim();
  return { version, isAkka, classPath: `${join(folder, 'classes')}:${jars}` };
}

/** Why no peer can be built here, or nothing. Installs what is missing where it may; never gives up in CI. */
export async function peerObstacle(): Promise<string | undefined> {
  try {
    if (!has('mvn') || !has('javac')) {
      const packages = ['openjdk-17-jdk-headless', 'maven'];
      await run('apt-get', ['update', '-q']);
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
    }
    await buildPeer();
    return undefined;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return `Cannot build the Pekko node: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function has(program: string): boolean {
  return spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0;
}

async function compile(version: PeerVersion, isAkka: boolean, folder: string): Promise<void> {
  mkdirSync(builds, { recursive: true });
  const work = mkdtempSync(join(builds, 'build-'));
  try {
    cpSync(join(peerFolder, 'pom.xml'), join(work, 'pom.xml'));
    cpSync(join(peerFolder, 'src'), join(work, 'src'), { recursive: true });
    if (isAkka) renameToAkka(work);
    const [number = '', management] = version.replace('akka-', '').split('+management-');
    await maven(work, [
      'compile',
      'dependency:build-classpath',
      '-Dmdep.outputFile=classpath.txt',
      `-D${isAkka ? 'akka' : 'pekko'}.version=${number}`,
      ...(management === undefined ? [] : [`-Dmanagement.version=${management}`]),
    ]);
    renameSync(join(work, 'target', 'classes'), join(work, 'classes'));
    // Whole or not at all; where another process was first, what it built is the same and may be in use.
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function maven(folder: string, words: readonly string[]): Promise<void> {
  await run('mvn', ['-q', '-B', ...words], {
    cwd: folder,
    timeout: 600_000,
    env: { ...process.env, MAVEN_OPTS: '-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1' },
  }).catch((error: Error & { stdout?: string }) => {
    const said = `${error.stdout ?? ''}\n${error.message}`.slice(0, 4000);
    throw new Error(`mvn ${words.join(' ')} failed:\n${said}`);
  });
}

/** Akka 2.6 is what Pekko was made from; its packages and settings differ by their prefix alone. */
function renameToAkka(folder: string): void {
  for (const path of sourcePaths(folder)) {
    const text = readFileSync(path, 'utf8')
      .replaceAll('org.apache.pekko', path.endsWith('pom.xml') ? 'com.typesafe.akka' : 'akka')
      .replaceAll('pekko', 'akka');
    writeFileSync(path, text);
  }
}

function sourcePaths(folder: string): string[] {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true });
  return [
    join(folder, 'pom.xml'),
    ...sources
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
  ];
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const path of sourcePaths(peerFolder)) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}
