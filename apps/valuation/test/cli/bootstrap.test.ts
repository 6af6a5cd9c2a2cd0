// A grid whose nodes are told no seed nodes: they find each other by discovery.

import { describe, expect, it } from 'vitest';
import { nodeProcesses } from './node-processes.ts';

const hosts = { controller: '127.0.41.91', worker: '127.0.41.92' } as const;
const endpoints = Object.values(hosts).map((host) => `${host}:7626`);
const startNode = nodeProcesses();

const start = (kind: keyof typeof hosts, words: readonly string[]) =>
  startNode([
    ...[kind, '--remote.host', hosts[kind], '--remote.port', '25520'],
    ...['--management.enabled', 'on', '--bootstrap.enabled', 'on'],
    ...['--bootstrap.stable-margin', '500ms', '--discovery.config.endpoints', `${endpoints}`],
    ...words,
  ]);

describe('controller and worker without seed nodes', () => {
  it('find each other and form one cluster', async () => {
    const controller = start('controller', ['--http.host', hosts.controller, '--http.port', '0']);
    const { worker } = hosts;
    const isUp = controller.line(`moving node [pekko://Valuation@${worker}:25520] to [Up]`);
    start('worker', ['--worker.threads', '1']);
    await isUp;
    const answer = await fetch(`http://${worker}:7626/bootstrap/seed-nodes`);
    const { seedNodes } = (await answer.json()) as { seedNodes: { node: string }[] };
    expect(seedNodes.map(({ node }) => node).sort()).toEqual(
      Object.values(hosts).map((host) => `pekko://Valuation@${host}:25520`),
    );
  }, 60_000);
});
