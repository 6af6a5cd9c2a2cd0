// A grid whose nodes are told no seed nodes: they find each other by discovery.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const valuation = join(import.meta.dirname, '..', '..', 'bin', 'valuation.mjs');
const hosts = { controller: '127.0.41.91', worker: '127.0.41.92' } as const;
const endpoints = Object.values(hosts).map((host) => `${host}:7626`);

const children: ChildProcess[] = [];
afterEach(async () => {
  const ended = children.splice(0).map(async (child) => {
    if (child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exited;
  });
  await Promise.all(ended);
});

/** Resolves with the first line of its log that has the text. */
function start(kind: keyof typeof hosts, words: readonly string[]) {
  const host = hosts[kind];
  const child = spawn(
    process.execPath,
    [
      ...[valuation, kind, '--remote.host', host, '--remote.port', '25520'],
      ...['--log.format', 'json', '--management.enabled', 'on', '--bootstrap.enabled', 'on'],
      ...['--bootstrap.stable-margin', '500ms', '--discovery.config.endpoints', `${endpoints}`],
      ...words,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH } },
  );
  children.push(child);
  const lines = createInterface({ input: child.stderr });
  return {
    until: (text: string) =>
      new Promise<string>((resolve) => {
        lines.on('line', (line) => {
          if (line.includes(text)) resolve(line);
        });
      }),
  };
}

describe('controller and worker without seed nodes', () => {
  it('find each other and form one cluster', async () => {
    const controller = start('controller', ['--http.host', hosts.controller, '--http.port', '0']);
    const { worker } = hosts;
    const isUp = controller.until(`moving node [pekko://Valuation@${worker}:25520] to [Up]`);
    start('worker', ['--worker.threads', '1']);
    await isUp;
    const answer = await fetch(`http://${worker}:7626/bootstrap/seed-nodes`);
    const { seedNodes } = (await answer.json()) as { seedNodes: { node: string }[] };
    expect(seedNodes.map(({ node }) => node).sort()).toEqual(
      Object.values(hosts).map((host) => `pekko://Valuation@${host}:25520`),
    );
  }, 60_000);
});
