// The grid's image, built and run by podman as an orchestrator would run it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../interop/harness/figures.ts';
import { Container, type LogLine } from './container.ts';
import { buildGridImage, gridVersion } from './grid-image.ts';
import { must, podman } from './podman.ts';

let image = '';
const containers: Container[] = [];

beforeAll(() => {
  image = buildGridImage();
}, 600_000);

afterEach(() => {
  for (const container of containers.splice(0)) container.remove();
});

function start(words: readonly string[], options?: readonly string[]): Container {
  const container = Container.start(image, words, options);
  containers.push(container);
  return container;
}

const isUp = ({ message }: LogLine): boolean => /moving node \[.*\] to \[Up\]/.test(message);

describe('the image of the grid', () => {
  it('has at most 200 MB, a version that is no "latest", and labels that say what it is', () => {
    const bytes = Number(podman('inspect', '--format', '{{.Size}}', image));
    figure('size of the image', `${Math.round(bytes / 1e6)} MB`);
    expect(bytes).toBeLessThan(200e6);
    const labels = JSON.parse(podman('inspect', '--format', '{{json .Labels}}', image));
    expect(labels).toMatchObject({
      'org.opencontainers.image.version': gridVersion,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.title': 'Parvi pricing grid',
    });
    expect(podman('inspect', '--format', '{{json .RepoTags}}', image)).not.toContain('latest');
  });

  it('runs as nobody in particular, has no shell, and cannot write to its files', () => {
    const node = start(['controller', '--http.host', '0.0.0.0']);
    expect(podman('inspect', '--format', '{{.Config.User}}', image)).toBe('65532:65532');
    const script = (text: string): string[] => ['/usr/local/bin/node', '-e', text];
    expect(node.exec('/bin/sh', '-c', 'true').status).not.toBe(0);
    expect(node.exec(...script('console.log(process.getuid(), process.getgid())')).out).toBe(
      '65532 65532\n',
    );
    const write = node.exec(...script("require('fs').writeFileSync('/app/x', '')"));
    expect(write.status).not.toBe(0);
    const capabilities = "console.log(require('fs').readFileSync('/proc/1/status', 'utf8'))";
    expect(node.exec(...script(capabilities)).out).toMatch(/CapEff:\s+0000000000000000/);
  });

  it('is Up within three seconds of its start, and answers HTTP', async () => {
    const node = start(
      ['controller', '--http.host', '0.0.0.0', '--cluster.seed-nodes', '127.0.0.1'],
      ['--publish=127.0.0.1:27777:7777'],
    );
    const up = await node.logged(isUp);
    const startedMs = Date.parse(
      node.inspect('{{.State.StartedAt.Format "2006-01-02T15:04:05.000Z07:00"}}'),
    );
    const seconds = (Date.parse(String(up.time)) - startedMs) / 1000;
    figure('start of a container to Up', `${seconds.toFixed(2)} s`);
    expect(seconds).toBeLessThan(3);
    const answer = await fetch('http://127.0.0.1:27777/v1/grid');
    expect(answer.status).toBe(200);
  });

  it.each(['TERM', 'INT'])(
    'leaves and ends within five seconds of SIG%s, as process 1',
    async (signal) => {
      const node = start(['controller', '--http.host', '0.0.0.0']);
      await node.logged(isUp);
      const { seconds, code } = node.end(signal);
      figure(`SIG${signal} to the end of an idle container`, `${seconds.toFixed(2)} s`);
      expect({ code, inTime: seconds < 5 }).toEqual({ code: 0, inTime: true });
      await node.logged(({ message }) => message === 'Coordinated shutdown has ended');
    },
  );

  it('is healthy by its own health check while it lives, and is operated from inside', async () => {
    const node = start(['controller', '--http.host', '0.0.0.0', '--management.writes', 'true']);
    await node.logged(isUp);
    const [config] = JSON.parse(podman('inspect', image));
    const check = ['CMD', '/usr/local/bin/node', '/app/healthcheck.mjs'];
    expect((config.Healthcheck ?? config.Config.Healthcheck).Test).toEqual(check);
    expect(node.exec('/usr/local/bin/node', '/app/healthcheck.mjs').status).toBe(0);
    expect(node.exec('parvi', 'cluster', 'show').out).toContain(
      'pekko://Valuation@127.0.0.1:25520',
    );
    expect(node.exec('valuation', 'jobs').status).toBe(0);
    node.exec('parvi', 'cluster', 'leave', '--wait');
    await node.logged(({ message }) => message === 'Coordinated shutdown has ended');
  });

  it('lists in its bill of materials what it holds, each with its version', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parvi-sbom-'));
    try {
      const id = podman('create', image);
      podman('cp', `${id}:/app/sbom.cdx.json`, folder);
      must('podman', ['rm', id]);
      const bill = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8'));
      const names: string[] = bill.components.map(({ name }: { name: string }) => name);
      expect(bill.bomFormat).toBe('CycloneDX');
      expect(names).toEqual(expect.arrayContaining(['node', 'fastify', 'pino', 'zod', 'parvi']));
      expect(names).not.toEqual(expect.arrayContaining(['vitest']));
      expect(bill.components.every(({ version }: { version: string }) => version !== '')).toBe(
        true,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('prices a portfolio as a cluster of two controllers and two workers on a network of their own', async () => {
    const network = podman('network', 'create', `parvi-${process.pid}`);
    try {
      const common = [`--network=${network}`];
      const seeds = '--env=SEED_NODES=ctrl-0,ctrl-1';
      const named = (name: string) => [
        ...common,
        seeds,
        `--name=${name}`,
        `--env=HOST_NAME=${name}`,
      ];
      const first = start(
        ['controller', '--http.host', '0.0.0.0'],
        [...named('ctrl-0'), '--publish=127.0.0.1:27778:7777'],
      );
      start(['controller', '--http.host', '0.0.0.0'], named('ctrl-1'));
      const workers = ['valeng-0', 'valeng-1'];
      for (const name of workers) start(['worker', '--worker.threads', '1'], named(name));
      for (const name of workers) {
        await first.logged((line) => isUp(line) && line.message.includes(name), 30_000);
      }
      const cli = (...words: readonly string[]): string =>
        must('podman', [
          'run',
          '--rm',
          ...common,
          '--volume',
          `${join(import.meta.dirname, '../../apps/valuation/portfolio')}:/portfolio:ro`,
          image,
          '--url',
          'http://ctrl-0:7777',
          ...words,
        ]);
      const said = cli('submit', '/portfolio/bundled.ndjson', '--metric', 'NPV', '--follow');
      expect(said).toMatch(/NPV\s+8,000\s+8,000\s+0/);
    } finally {
      for (const container of containers.splice(0)) container.remove();
      podman('network', 'rm', '--force', network);
    }
  });
});
