// The package as users get it: built, packed, checked by the tools that know packages, installed into empty projects of
// TypeScript and of JavaScript, and running the programs of the guide there on every Node that it is meant for.

import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { isLine, readPage, type Snippet } from '../../../../test/snippets/markdown.ts';
import { mustRun, project, run } from './projects.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const own = join(root, 'packages', 'parvi');
const nodes = { 22: 'node@22.23.3', 24: 'node@24.21.0' } as const;
const checkers = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];
const compilers = ['typescript@7.0.2', '@types/node@22.20.5'];

/** Membership, an ask and management between two processes, by plain JavaScript. */
const twoProcesses = 'two-processes.mjs';

/** Programs with a port of their own get another one here, as the same programs may run elsewhere at this moment. */
const elsewhere = (text: string): string => text.replaceAll('2559', '2569');
/** Pages whose programs need files that commands make are left to the tests of the pages. */
const programs = ['packages/parvi/README.md', ...globSync('docs/guide/*.md', { cwd: root }).sort()]
  .map((page) => readPage(page, readFileSync(join(root, page), 'utf8')))
  .filter(({ commands }) => commands === '')
  .flatMap((page) => page.programs)
  .filter(({ code }) => !/ from '(?!node:|parvi\b)/.test(code))
  .map((program, at) => ({ ...program, name: `program-${at + 1}` }));

const ownPage = readFileSync(join(own, 'README.md'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'parvi-package-'));
const inFolder = (...names: string[]): string => join(folder, ...names);
let tarball = '';
/** Why nothing could be installed; only away from the build server, where that is a failure. */
let unreachable: string | undefined;

beforeAll(async () => {
  await mustRun(process.execPath, [join(own, 'scripts', 'build.mjs'), inFolder('package')], root);
  const packed = await mustRun('npm', ['pack', './package', '--loglevel=error'], folder);
  tarball = inFolder(packed.out.trim().split('\n').at(-1) ?? '');
  try {
    await Promise.all([
      project(inFolder('ts'), [tarball, ...compilers]),
      project(inFolder('js'), [tarball]).then(() => project(inFolder('tools'), checkers)),
      project(inFolder('node-22'), [nodes[22]]).then(() =>
        project(inFolder('node-24'), [nodes[24]]),
      ),
    ]);
    await fillProjects();
  } catch (error) {
    if (process.env.CI !== undefined || !isOutOfReach(error)) throw error;
    unreachable = 'the package registry cannot be reached, so nothing can be installed';
  }
}, 400_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isOutOfReach(error: unknown): boolean {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(String(error));
}

async function fillProjects(): Promise<void> {
  for (const { name, code } of programs) await writeFile(inFolder('ts', `${name}.ts`), code);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    skipLibCheck: false,
    rootDir: '.',
    outDir: 'built',
    types: ['node'],
  };
  const configuration = { compilerOptions, include: ['*.ts'] };
  await writeFile(inFolder('ts', 'tsconfig.json'), JSON.stringify(configuration));
  await mustRun(inFolder('ts', 'node_modules', '.bin', 'tsc'), ['-p', '.'], inFolder('ts'));
  mkdirSync(inFolder('js'), { recursive: true });
  copyFileSync(join(own, 'test', 'package', twoProcesses), inFolder('js', twoProcesses));
  for (const { name } of programs) {
    copyFileSync(inFolder('ts', 'built', `${name}.js`), inFolder('js', `${name}.js`));
  }
}

function needInstalled({ skip }: TestContext): void {
  if (unreachable !== undefined) skip(unreachable);
}

function nodeProgram(version: string): string {
  if (version === '26') return process.execPath;
  return inFolder(`node-${version}`, 'node_modules', 'node', 'bin', 'node');
}

async function expectToPrint(node: string, path: string, { words, prints }: Snippet) {
  const { code, out, all } = await run(node, [path, ...words.map(elsewhere)], join(path, '..'));
  const printed = out === '' ? [] : out.replace(/\n$/, '').split('\n');
  const expected = prints.map(elsewhere);
  const matches =
    printed.length === expected.length &&
    expected.every((line, index) => isLine(line, printed[index] ?? ''));
  expect(matches ? expected : printed, `${path} on ${node}\n${all}`).toEqual(expected);
  expect(code, all).toBe(0);
}

/** What a module names as imported; without a pattern, what it loads at once. */
function namesIn(
  text: string,
  pattern = /^(?:import|export)\b(?:[^;]*?\bfrom )? ?'([^']+)'/gms,
): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

const isPackage = (name: string): boolean => !/^(\.|node:)/.test(name);
const packageOf = (name: string): string => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;

/** What a package wants its user to install beside it. */
function peersOf(name: string): string[] {
  const path = join(root, 'node_modules', name, 'package.json');
  return Object.keys(JSON.parse(readFileSync(path, 'utf8')).peerDependencies ?? {});
}

describe('the packed package', () => {
  it('holds built code, declarations, manifest, licence and page, and is small', async () => {
    const listing = await mustRun('tar', ['tzvf', tarball], folder);
    const entries = listing.out
      .trim()
      .split('\n')
      .map((line) => {
        const words = line.split(/\s+/);
        return { bytes: Number(words[2]), path: words.at(-1)?.replace(/^package\//, '') ?? '' };
      });
    const others = entries
      .map(({ path }) => path)
      .filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(entries.filter(({ path }) => /\.test\.|fixtures/.test(path))).toEqual([]);
    const stated = /(\d+) kB packed and (\d\.\d) MB unpacked/.exec(ownPage);
    const packedBytes = readFileSync(tarball).length;
    const unpackedBytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(packedBytes).toBeLessThan(600_000);
    expect(Math.abs(packedBytes / 1000 / Number(stated?.[1]) - 1)).toBeLessThan(0.1);
    expect(Math.abs(unpackedBytes / 1_000_000 - Number(stated?.[2]))).toBeLessThan(0.2);
  });

  it('brings as many packages with it as its page says', async (context) => {
    needInstalled(context);
    const lock = JSON.parse(readFileSync(inFolder('js', 'package-lock.json'), 'utf8'));
    const installed = Object.entries(lock.packages).filter(
      ([path, entry]) =>
        path !== '' && typeof entry === 'object' && entry !== null && !('peer' in entry),
    );
    expect(ownPage).toContain(`an installation is ${installed.length} packages`);
  });

  it('is the same when packed in place, which leaves the folder as it was', async () => {
    const copy = inFolder('copy', 'packages', 'parvi');
    cpSync(own, copy, {
      recursive: true,
      filter: (path) => !/node_modules|\/(test|dist)$/.test(path),
    });
    for (const name of ['LICENSE', 'tsconfig.json']) {
      copyFileSync(join(root, name), inFolder('copy', name));
    }
    symlinkSync(join(root, 'node_modules'), inFolder('copy', 'node_modules'));
    const before = globSync('**', { cwd: copy }).sort();
    const packed = await mustRun('npm', ['pack', '--loglevel=error'], copy);
    const name = packed.out.trim().split('\n').at(-1) ?? '';
    const contents = async (path: string): Promise<string[]> =>
      (await mustRun('tar', ['tzf', path], folder)).out.split('\n').sort();
    expect(await contents(join(copy, name))).toEqual(await contents(tarball));
    rmSync(join(copy, name));
    expect(globSync('**', { cwd: copy }).sort()).toEqual(before);
    const manifest = (at: string): string => readFileSync(join(at, 'package.json'), 'utf8');
    expect(manifest(copy)).toBe(manifest(own));
  }, 60_000);

  it('depends on the packages that it imports or that these want beside them, and on no others', () => {
    const manifest = JSON.parse(readFileSync(inFolder('package', 'package.json'), 'utf8'));
    const built = globSync('dist/**/*.{js,d.ts}', { cwd: inFolder('package') });
    const imported = new Set(
      built.flatMap((path) => {
        const text = readFileSync(inFolder('package', path), 'utf8');
        return [...namesIn(text), ...namesIn(text, /\bimport\('([^']+)'\)/g)].filter(isPackage);
      }),
    );
    const packages = new Set([...imported].map(packageOf));
    for (const name of [...packages]) for (const peer of peersOf(name)) packages.add(peer);
    expect([...packages].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('loads three of them with a node that wants nothing special', () => {
    const loaded = new Set<string>();
    const packages = new Set<string>();
    const load = (path: string): void => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const name of namesIn(readFileSync(path, 'utf8'))) {
        if (name.startsWith('.')) load(join(path, '..', name));
        else if (isPackage(name)) packages.add(packageOf(name));
      }
    };
    load(inFolder('package', 'dist', 'index.js'));
    expect(loaded.size).toBeGreaterThan(50);
    expect([...packages].sort()).toEqual(['@bufbuild/protobuf', 'pino', 'zod']);
  });

  it('is in order for those who publish it and for those who import its types', async (context) => {
    needInstalled(context);
    const bin = (name: string): string => inFolder('tools', 'node_modules', '.bin', name);
    const published = await run(bin('publint'), ['run', tarball, '--strict'], folder);
    expect(published.code, published.all).toBe(0);
    const types = await run(bin('attw'), [tarball, '--profile', 'esm-only'], folder);
    expect(types.code, types.all).toBe(0);
  }, 60_000);
});

describe.each(['22', '24', '26'])('in empty projects on Node %s', (version) => {
  it('the programs of the guide run in JavaScript', async (context) => {
    needInstalled(context);
    const node = nodeProgram(version);
    expect((await mustRun(node, ['--version'], folder)).out).toMatch(`v${version}.`);
    // They mostly wait for each other, so some run at once.
    const rest = [...programs];
    const worker = async (): Promise<void> => {
      for (let program = rest.shift(); program !== undefined; program = rest.shift()) {
        await expectToPrint(node, inFolder('js', `${program.name}.js`), program);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
  }, 180_000);

  it('two processes are a cluster, ask each other, and tell all events over HTTP', async (context) => {
    needInstalled(context);
    const { code, all } = await run(nodeProgram(version), [twoProcesses], inFolder('js'));
    expect(all.trim().split('\n')).toEqual([
      'ready 200',
      'hello there',
      'MemberUp MemberJoined MemberUp MemberLeft MemberExited MemberRemoved',
    ]);
    expect(code).toBe(0);
  }, 60_000);

  it('TypeScript that was compiled there under its strictest settings runs', async (context) => {
    needInstalled(context);
    const [first] = programs;
    expect(first).toBeDefined();
    if (first === undefined) return;
    await expectToPrint(nodeProgram(version), inFolder('ts', 'built', `${first.name}.js`), first);
    await expectToPrint(nodeProgram(version), inFolder('ts', `${first.name}.ts`), first);
  }, 60_000);
});
