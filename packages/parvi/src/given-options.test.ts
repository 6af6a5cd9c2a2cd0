// What management shows of a node that was started by options in code, or by those of a configuration.

import { describe, expect, it } from 'vitest';
import { loadConfig } from './config/index.ts';
import { givenEntries } from './given-options.ts';
import { nodeSchema, startOptionsOf } from './node-options.ts';
import type { StartOptions } from './start-options.ts';

const shown = (options: StartOptions): Record<string, string> =>
  Object.fromEntries(givenEntries(options).map((entry) => [entry.key, entry.shown]));

describe('options given in code', () => {
  it('are shown by their names, without those left out', () => {
    const cluster = { seedNodes: ['10.0.0.1:1', '10.0.0.2:1'], splitBrain: 'off' } as const;
    expect(shown({ name: 'shop', remote: { host: '10.0.0.1', port: 0 }, cluster })).toEqual({
      name: 'shop',
      'remote.host': '10.0.0.1',
      'remote.port': '0',
      'cluster.seedNodes': '10.0.0.1:1,10.0.0.2:1',
      'cluster.splitBrain': 'off',
    });
    expect(givenEntries({ name: 'shop' })[0]?.origin).toEqual({ kind: 'code' });
  });

  it('are not taken apart where they are no plain values', () => {
    const discovery = { name: 'mine', lookup: async () => [], registry: { word: 'open sesame' } };
    const config = loadConfig(nodeSchema);
    const management = { port: 0, config };
    const entries = shown({ name: 'shop', discovery, management });
    expect(entries).toMatchObject({ discovery: '(made in code)', 'management.port': '0' });
    expect(JSON.stringify(entries)).not.toContain('sesame');
    expect(Object.keys(entries).filter((key) => key.startsWith('management'))).toHaveLength(1);
  });

  it('end where an object holds itself', () => {
    const endless: Record<string, unknown> = {};
    endless.again = endless;
    const config = { endpoints: [], endless };
    const entries = shown({ name: 'shop', discovery: { method: 'config', config } });
    expect(Object.values(entries)).toContain('(made in code)');
  });

  it('do not show passwords in addresses', () => {
    const endpoint = 'http://ann:word@10.0.0.1/v1/traces';
    expect(shown({ name: 'shop', telemetry: { endpoint } })).toMatchObject({
      'telemetry.endpoint': 'http://ann:********@10.0.0.1/v1/traces',
    });
  });
});

describe('options of a configuration', () => {
  it('hand it to management, with what came from where', () => {
    const config = loadConfig(nodeSchema, { given: { management: { enabled: true } } });
    const { management } = startOptionsOf(config.values);
    expect(management?.config?.entries()).toEqual(config.entries());
  });

  it('start no management to show them', () => {
    expect(startOptionsOf(loadConfig(nodeSchema).values).management).toBeUndefined();
  });
});
