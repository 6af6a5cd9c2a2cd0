// What the command says when TLS does not come about, from real servers on loopback.

import { createServer as plainServer, type Server } from 'node:http';
import { createServer as secureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpDoor } from '../../src/cli/index.ts';
import { Authority } from '../remoting/certificates.ts';
import { FakeNode } from './fake-node.ts';

const host = '127.60.9.1';
const authority = new Authority();
const own = authority.issue({ name: 'node', hosts: [host] });
const stranger = new Authority('Other Authority').issue({ name: 'stranger', hosts: [] });

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `${host}:${(server.address() as AddressInfo).port}`;
}

const secure = (more = {}): Promise<string> =>
  listening(secureServer({ ...own, ...more }, (_, response) => response.end('{}')));
const mutual = { ca: authority.cert, requestCert: true };

async function shown(url: string, secrets: Parameters<typeof httpDoor>[0] = {}) {
  const node = new FakeNode();
  node.door = httpDoor(secrets);
  const code = await node.run('--url', url, 'cluster', 'show');
  expect(node.error.trim().split('\n')).toHaveLength(1);
  return { code, error: node.error };
}

const trusting = { ca: authority.cert };

describe('who listens', () => {
  it('speaks HTTP, and was asked by HTTPS', async () => {
    const place = await listening(plainServer());
    expect(await shown(`https://${place}`)).toEqual({
      code: 4,
      error: `parvi: What listens at https://${place} speaks HTTP, not HTTPS: write http://${place}\n`,
    });
  });

  it('speaks HTTPS, and was asked by HTTP', async () => {
    const place = await secure();
    const { code, error } = await shown(`http://${place}`);
    expect(code).toBe(4);
    expect(error).toContain(
      `hangs up, as a node that ends; if it speaks HTTPS, write https://${place}`,
    );
  });

  it('has a certificate of an authority that is not known', async () => {
    const { code, error } = await shown(`https://${await secure()}`);
    expect(code).toBe(4);
    expect(error).toContain('name the file of its authority with --ca');
  });

  it('has a certificate of another name', async () => {
    const other = authority.issue({ name: 'other', hosts: ['127.60.9.2'] });
    const { code, error } = await shown(`https://${await secure(other)}`, trusting);
    expect(code).toBe(4);
    expect(error).toContain('shows a certificate of another name');
  });

  it.each(['TLSv1.2', 'TLSv1.3'])('wants a certificate, by %s', async (maxVersion) => {
    const url = `https://${await secure({ ...mutual, maxVersion })}`;
    const { code, error } = await shown(url, trusting);
    expect(code).toBe(4);
    expect(error).toContain('name its file with --cert, and that of its key with --key');
    const foreign = await shown(url, { ...trusting, ...stranger });
    expect(foreign.code).toBe(4);
    expect(foreign.error).toContain('see --cert and --key');
  });
});

describe('files for TLS', () => {
  it.each([
    ['the key is not that of the certificate', { cert: own.cert, key: stranger.key }],
    ['a file is not in PEM', { cert: 'hello', key: own.key }],
    ['a file is not in PEM', { cert: own.cert, key: 'hello' }],
  ])('that cannot be used: %s', async (why, secrets) => {
    const { code, error } = await shown(`https://${await secure()}`, secrets);
    expect(code).toBe(2);
    expect(error).toContain(`Cannot use the files of --ca, --cert and --key: ${why}`);
  });
});

it('refuses a file of authorities that holds no certificate, by its name', async () => {
  const node = new FakeNode();
  node.files = { 'garbage.pem': 'garbage' };
  expect(await node.run('--ca', 'garbage.pem', 'cluster', 'show')).toBe(2);
  expect(node.error).toContain(
    'Cannot use "garbage.pem" of --ca: it holds no certificate in PEM; name the file of those that vouch for the node',
  );
  expect(node.asked).toEqual([]);
});
