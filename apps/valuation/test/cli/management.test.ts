// Nodes of the grid serve management when they are configured so.

import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { nodeProcesses } from './node-processes.ts';

const host = '127.0.40.8';
const start = nodeProcesses({
  PARVI_MANAGEMENT_AUTHENTICATION_SCHEME: 'bearer',
  PARVI_MANAGEMENT_AUTHENTICATION_SECRET: 'hunter2',
});
const node = (kind: string, words: readonly string[]) =>
  start([kind, '--remote.host', host, '--remote.port', '0', ...words]);

const managed = ['--management.enabled', 'true'];

describe('a node of the grid with management', () => {
  it.each([
    ['controller', ['--http.host', host, '--http.port', '0']],
    ['worker', ['--worker.threads', '1']],
  ])(
    '%s tells its options, and where each came from',
    async (kind, words) => {
      const started = node(kind, [...managed, '--management.port', '0', ...words]);
      const { url } = JSON.parse(await started.line('Management is served')) as { url: string };
      expect(url).toMatch(`http://${host}:`);
      expect((await fetch(`${url}/alive`)).status).toBe(200);
      expect((await fetch(`${url}/parvi/config`)).status).toBe(401);
      const headers = { authorization: 'Bearer hunter2' };
      const text = await (await fetch(`${url}/parvi/config`, { headers })).text();
      const { options } = JSON.parse(text) as { options: { key: string; origin: string }[] };
      expect(options.find(({ key }) => key === 'system.name')).toMatchObject({
        value: 'Valuation',
        origin: 'given in code',
      });
      expect(text).not.toContain('hunter2');
      const version = await (await fetch(`${url}/parvi/version`, { headers })).json();
      expect(version).toMatchObject({ system: 'Valuation', appVersion: '0.1.0' });
    },
    60_000,
  );

  it('tells the version with which it joined the cluster', async () => {
    const port = ['--management.port', '0', '--worker.threads', '1'];
    const started = node('worker', [...managed, ...port, '--cluster.app-version', '9.9.9']);
    const { url } = JSON.parse(await started.line('Management is served')) as { url: string };
    const headers = { authorization: 'Bearer hunter2' };
    const version = await (await fetch(`${url}/parvi/version`, { headers })).json();
    expect(version).toMatchObject({ appVersion: '9.9.9' });
  }, 60_000);

  it('does not start when its port is taken, and says so', async () => {
    const holder = createServer().listen(0, host);
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const started = node('worker', [...managed, '--management.port', String(port)]);
    expect(await started.line('valuation:')).toBe(
      `valuation: Cannot listen for management on "${host}:${port}": the port is in use; stop the process that holds it, or set another one with management.port (MANAGEMENT_BIND_FAILED)`,
    );
    expect(await started.exited).toBe(1);
    holder.close();
  }, 60_000);
});
