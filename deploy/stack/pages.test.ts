// The commands and values in the pages about Kubernetes: what they name is there, and what they set is taken.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildDependencies, nameOf, objectsOf, render, type Values } from '../chart/chart.ts';
import { hasHelm, must, toolPath } from '../chart/tools.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'docs/guide/kubernetes.md',
  'docs/guide/cloud.md',
  'docs/guide/autoscaling.md',
  'docs/guide/rolling-updates.md',
  'docs/guide/istio.md',
  'docs/guide/gateway.md',
  'docs/guide/monitoring.md',
  'docs/guide/troubleshooting.md',
  'deploy/helm/valuation/README.md',
];

interface Block {
  readonly page: string;
  readonly info: string;
  readonly text: string;
}

const blocks: readonly Block[] = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```([^\n]*)\n(.*?)^```/gms)].map(
    ([, info = '', text = '']) => ({ page, info, text }),
  ),
);

/** Commands with their words, continued lines joined. */
const commands = blocks
  .filter(({ info }) => info === 'sh')
  .flatMap(({ page, text }) =>
    text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => ({ page, line, words: line.trim().split(/\s+/) })),
  );
const of = (program: string, verb?: string) =>
  commands.filter(({ words }) => words[0] === program && (verb === undefined || words[1] === verb));

const canRender = hasHelm();
beforeAll(() => {
  if (canRender) buildDependencies();
}, 120_000);

describe.skipIf(!canRender)('commands in the pages about Kubernetes', () => {
  it('there are some of each kind', () => {
    expect(of('npm').length).toBeGreaterThan(2);
    expect(of('helm', 'upgrade').length).toBeGreaterThan(2);
    expect(of('kubectl').length).toBeGreaterThan(2);
  });

  it.each(of('npm'))('$line names a script that there is', ({ words }) => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const script =
      words[1] === 'run' ? words.find((word, at) => at > 1 && !/^--/.test(word)) : words[1];
    expect(Object.keys(scripts)).toContain(script);
  });

  it.each(of('npm').filter(({ line }) => line.includes('run stack')))(
    '$line makes a plan',
    ({ words }) => {
      const own = words.slice(words.indexOf('--') + 1);
      const program = join(root, 'deploy/stack/run.ts');
      const all = [program, ...own, '--dry-run', '--context', 'nowhere'];
      const { status, stderr } = spawnSync(process.execPath, all, {
        encoding: 'utf8',
        env: { ...process.env, KUBECONFIG: '/dev/null' },
      });
      expect(status, stderr).toBe(0);
    },
  );

  it('npm run manifests writes what it is asked for', () => {
    const found = of('npm').find(({ line }) => line.includes('manifests'));
    const folder = mkdtempSync(join(tmpdir(), 'parvi-pages-'));
    try {
      const own = (found?.words ?? []).slice((found?.words ?? []).indexOf('--') + 1);
      must(process.execPath, [
        join(root, 'deploy/chart/manifests.ts'),
        ...own.map((word) => (word === 'grid.yaml' ? join(folder, word) : word)),
      ]);
      const objects = objectsOf(readFileSync(join(folder, 'grid.yaml'), 'utf8'));
      expect(objects.map(nameOf)).toContain('StatefulSet/ve-ctrl');
      expect(objects.filter(({ kind }) => kind === 'Pod')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(of('helm', 'upgrade'))('$line is a release that helm can make', ({ words }) => {
    const ofCluster = new Set(['--install', '--create-namespace', '--wait', '--reuse-values']);
    const own = words.slice(2).filter((word) => !ofCluster.has(word));
    const text = must(toolPath('helm'), ['template', ...own.map(placed)]);
    expect(objectsOf(text).length).toBeGreaterThan(8);
  });

  it.each(of('kubectl'))('$line names objects that the chart makes', ({ words }) => {
    const objects = [...render(), ...render({ values: { topology: 'bootstrap' } })];
    const known = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`.toLowerCase());
    const kinds: Readonly<Record<string, string>> = {
      hpa: 'horizontalpodautoscaler',
      deploy: 'deployment',
    };
    for (const word of words.filter((one) => /^[a-z]+\/[a-z-]+$/.test(one))) {
      const [kind = '', name] = word.split('/');
      expect(known).toContain(`${kinds[kind] ?? kind}/${name}`);
    }
    const selector = words[words.indexOf('--selector') + 1];
    const labels = JSON.stringify(objects);
    if (words.includes('--selector')) {
      const [label, value] = selector?.split('=') ?? [];
      // Kubernetes itself gives slices of endpoints the name of their Service.
      if (label === 'kubernetes.io/service-name') expect(known).toContain(`service/${value}`);
      else expect(labels).toContain(`"${label}":"${value}"`);
    }
  });
});

/** Calls of a command of this repository, from a checkout or in a pod: its words up to those that are the reader's own. */
function calls(program: 'parvi' | 'valuation'): readonly (readonly string[])[] {
  const found = commands.flatMap(({ words }) => {
    const at = words.findIndex(
      (word, index) => word === program && ['npx', '--'].includes(words[index - 1] ?? ''),
    );
    if (at < 0) return [];
    let own = words.slice(at + 1);
    while (own[0]?.startsWith('--')) own = own.slice(own[0] === '--url' ? 2 : 1);
    const name = own.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
    const isBare = name < 0 || own[name]?.startsWith('--') === true;
    return [isBare ? own : own.slice(0, name).concat(own.slice(name + 1))];
  });
  return [...new Map(found.map((own) => [own.join(' '), own])).values()];
}

const programs = {
  parvi: 'packages/parvi/bin/parvi.mjs',
  valuation: 'apps/valuation/bin/valuation.mjs',
} as const;

describe.each(['parvi', 'valuation'] as const)('calls of %s in the pages', (program) => {
  it('there are some', () => {
    expect(calls(program).length).toBeGreaterThan(3);
  });

  it.each(calls(program).map((words) => [words.join(' '), words] as const))(
    'it has the command and the options of "%s"',
    (_, words) => {
      const names = words.filter((word, index) => index < 2 && /^[a-z][a-z-]*$/.test(word));
      const path = join(root, programs[program]);
      const { status, stdout } = spawnSync(process.execPath, [path, ...names, '--help'], {
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      expect(stdout).toContain(`Usage: ${program} ${names.join(' ')} `);
      const options = words.filter((word) => word.startsWith('--'));
      expect(options.filter((option) => !stdout.includes(`${option} `))).toEqual([]);
    },
  );
});

const placed = (word: string): string => (word.startsWith('deploy/') ? join(root, word) : word);

describe.skipIf(!canRender)('values in the pages about Kubernetes', () => {
  const values = blocks.filter(({ info }) => info === 'yaml values');

  it('there are some', () => {
    expect(values.length).toBeGreaterThan(3);
  });

  it.each(values)('of $page are taken: $text', ({ text }) => {
    expect(render({ values: parse(text) as Values }).length).toBeGreaterThan(8);
  });

  it('named in the text are values of the chart', () => {
    const table = readFileSync(join(root, 'docs/reference/chart.md'), 'utf8');
    const known = [...table.matchAll(/^\| `([\w.]+)`/gm)].map(([, key = '']) => key);
    const options = readFileSync(join(root, 'docs/reference/options.md'), 'utf8');
    const isOption = (key: string): boolean =>
      options.includes(`| \`${key}\``) || options.includes(`| \`${key}.`);
    const sections = new Set(known.map((key) => key.split('.')[0]));
    const named = pages
      .map((page) => readFileSync(join(root, page), 'utf8').replace(/^```.*?^```/gms, ''))
      .flatMap((text) => [...text.matchAll(/`([a-z]\w+(?:\.\w+)+)(?:: [^`]+)?`/g)])
      .map(([, key = '']) => key)
      .filter(
        (key) =>
          sections.has(key.split('.')[0]) &&
          // Files, and attributes of traces.
          !/^(options|tls\.(crt|key|yaml)|service\.(version|instance\.id))\b/.test(key) &&
          !isOption(key),
      );
    expect(named.length).toBeGreaterThan(15);
    const isKnown = (key: string): boolean =>
      known.some((one) => one === key || one.startsWith(`${key}.`));
    expect(named.filter((key) => !isKnown(key))).toEqual([]);
  });
});
