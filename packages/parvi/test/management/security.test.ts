import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { startManagement } from '../../src/management/index.ts';
import { testSystem } from '../../src/testkit/index.ts';
import { Authority, type Certified } from '../remoting/certificates.ts';
import { served } from './served.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** When it is connected, with its handshake where there is one. */
function opened(open: () => Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = open().on('error', reject);
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => resolve(socket));
  });
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-management-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const basic = (text: string): string =>
  `Authorization: Basic ${Buffer.from(text).toString('base64')}`;

describe('names of the server', () => {
  it.each([
    ['localhost:7626', 200],
    ['127.0.40.4', 200],
    ['[::1]:7626', 200],
    ['node.localhost', 200],
    ['attacker.example', 403],
    ['127.0.0.1.attacker.example', 403],
    ['0x7f000001', 403],
    ['', 403],
  ])('are checked on loopback: "%s" gets %i', async (name, status) => {
    const { ask } = await served();
    expect((await ask('GET /cluster/members', `Host: ${name}`)).status).toBe(status);
  });

  it.each(['startup', 'ready', 'alive', 'bootstrap/seed-nodes'])(
    'are not checked where orchestrators and nodes that bootstrap ask: /%s',
    async (path) => {
      for (const options of [{}, { allowedHosts: ['node-1.example'] }]) {
        const { ask } = await served(options);
        expect((await ask(`GET /${path}`, 'Host: pod-1.shop.example:7626')).status).toBe(200);
      }
    },
  );

  it.each([
    ['GET http://attacker.example/metrics', 'localhost', 403],
    ['GET http://localhost/metrics', 'attacker.example', 200],
    ['GET HTTPS://LOCALHOST:7626/metrics', 'attacker.example', 200],
    ['GET http://ops@attacker.example/metrics', 'localhost', 403],
    ['GET http:///metrics', 'localhost', 403],
    ['GET http://attacker.example/alive', 'localhost', 200],
  ])(
    'are those of the target where that has one: "%s" at %s gets %i',
    async (head, name, status) => {
      const { ask } = await served();
      expect((await ask(head, `Host: ${name}`)).status).toBe(status);
    },
  );

  it.each(['localhost', 'attacker.example'])('are one: another "%s" gets 400', async (name) => {
    const { ask } = await served();
    for (const path of ['metrics', 'alive']) {
      const refused = await ask(`GET /${path}`, 'Host: localhost', `Host: ${name}`);
      expect(refused).toMatchObject({
        status: 400,
        body: 'The request names its host twice: one "Host" header is allowed',
      });
    }
  });

  it('may be allowed', async () => {
    const { ask } = await served({ allowedHosts: ['node-1.example'] });
    expect((await ask('GET /metrics', 'Host: Node-1.example:7626')).status).toBe(200);
    expect((await ask('GET /metrics', 'Host: node-2.example')).status).toBe(403);
  });
});

describe('pages of other sites', () => {
  it.each([
    ['Sec-Fetch-Site: cross-site', 403],
    ['Sec-Fetch-Site: none', 200],
    ['Sec-Fetch-Site: same-origin', 200],
    ['Origin: https://attacker.example', 403],
    ['Origin: null', 403],
    ['Origin: http://127.0.40.4:7777', 200],
  ])('cannot make requests: "%s" gets %i', async (header, status) => {
    const { ask } = await served();
    expect((await ask('GET /cluster/members', header)).status).toBe(status);
  });
});

describe('authentication', () => {
  const secret = 'correct horse';

  it('asks for name and password, and says how', async () => {
    const { ask } = await served({ authentication: { scheme: 'basic', user: 'ops', secret } });
    const refused = await ask('GET /cluster/members');
    expect(refused).toMatchObject({
      status: 401,
      body: 'The resource requires authentication, which was not supplied with the request',
    });
    expect(refused.headers['www-authenticate']).toBe('Basic realm="secured"');
    expect(await ask('GET /cluster/members', basic('ops:wrong'))).toMatchObject({
      status: 401,
      body: 'The supplied authentication is invalid',
    });
    expect((await ask('GET /cluster/members', basic(`ops:${secret}`))).status).toBe(200);
    expect((await ask('GET /cluster/members', basic(`other:${secret}`))).status).toBe(401);
  });

  it('asks for a token', async () => {
    const { ask } = await served({ authentication: { scheme: 'bearer', secret: 'token-1' } });
    const refused = await ask('GET /metrics', 'Authorization: Bearer token-2');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="secured"',
    ]);
    expect((await ask('GET /metrics', 'Authorization: bearer token-1')).status).toBe(200);
    expect((await ask('GET /metrics', basic('parvi:token-1'))).status).toBe(401);
  });

  it('leaves health and bootstrap open, and tells strangers nothing of other paths', async () => {
    const { ask } = await served({ authentication: { scheme: 'bearer', secret } });
    for (const path of ['startup', 'ready', 'alive', 'bootstrap/seed-nodes']) {
      expect((await ask(`GET /${path}`)).status).toBe(200);
    }
    expect((await ask('GET /nothing')).status).toBe(401);
    expect((await ask('GET /parvi/config')).status).toBe(401);
  });

  it('can be asked for there too', async () => {
    const { ask } = await served({
      authentication: { scheme: 'bearer', secret, health: true, bootstrap: true },
    });
    expect((await ask('GET /ready')).status).toBe(401);
    expect((await ask('GET /bootstrap/seed-nodes')).status).toBe(401);
  });

  it('follows its file, and keeps what it has while the file is empty', async () => {
    const folder = folderWith({ token: 'first\n' });
    const secretFile = join(folder, 'token');
    const { ask, time } = await served({ authentication: { scheme: 'bearer', secretFile } });
    const status = async (token: string) =>
      (await ask('GET /metrics', `Authorization: Bearer ${token}`)).status;
    expect(await status('first')).toBe(200);
    writeFileSync(secretFile, 'second');
    time.advance(60_000);
    expect([await status('first'), await status('second')]).toEqual([401, 200]);
    writeFileSync(secretFile, '');
    time.advance(60_000);
    expect(await status('second')).toBe(200);
  });

  it('is not started without its secret', async () => {
    const start = (authentication: object) =>
      startManagement(testSystem().system, { port: 0, authentication } as never);
    await expect(start({ scheme: 'basic', secretFile: '/no/such/file' })).rejects.toMatchObject({
      code: 'MANAGEMENT_SECRET_UNREADABLE',
    });
    const invalid = { code: 'MANAGEMENT_OPTIONS_INVALID' };
    await expect(start({ scheme: 'basic' })).rejects.toMatchObject(invalid);
    await expect(start({ secret })).rejects.toMatchObject(invalid);
    await expect(start({ scheme: 'digest', secret })).rejects.toMatchObject(invalid);
    const tooMuch = start({ scheme: 'basic', secret, secretFile: 'x' });
    await expect(tooMuch).rejects.toThrow(/authentication.secret "\*\*\*": it takes/);
  });
});

describe('TLS', () => {
  const host = '127.0.40.4';

  function certified(authority: Authority) {
    const server = authority.issue({ name: 'node', hosts: [host] });
    const folder = folderWith({ key: server.key, cert: server.cert, ca: authority.cert });
    const files = { keyFile: join(folder, 'key'), certFile: join(folder, 'cert') };
    return { folder, files };
  }

  const ask = (port: number, ca: string, client?: Certified): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host, port, ca, path: '/alive', agent: false, ...client };
      const asked = request(options, (response) => {
        response.resume().once('end', () => resolve(String(response.statusCode)));
      });
      asked.on('error', reject).end();
    });

  it('is spoken with the certificate of its files, also after they have changed', async () => {
    const authority = new Authority();
    const { files } = certified(authority);
    const { port, time, management } = await served({ tls: files });
    expect(management.url).toMatch(/^https:/);
    expect(await ask(port, authority.cert)).toBe('200');
    const next = new Authority('Next Authority');
    const renewed = next.issue({ name: 'node', hosts: [host] });
    writeFileSync(files.keyFile, renewed.key);
    time.advance(60_000);
    expect(await ask(port, authority.cert)).toBe('200');
    writeFileSync(files.certFile, renewed.cert);
    time.advance(60_000);
    await expect(ask(port, authority.cert)).rejects.toThrow();
    expect(await ask(port, next.cert)).toBe('200');
  });

  it('makes room for who asks where others only shake hands, or do not even that', async () => {
    const authority = new Authority();
    const { files } = certified(authority);
    const { port } = await served({
      tls: files,
      limits: { connectionsMax: 4, idleTimeout: '10m' },
    });
    const raw = await Promise.all([1, 2].map(() => opened(() => connect(port, host))));
    const shaken = await Promise.all(
      [1, 2].map(() => opened(() => connectSecurely({ host, port, ca: authority.cert }))),
    );
    const others = [...raw, ...shaken];
    const closed = others.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const _ of others) expect(await ask(port, authority.cert)).toBe('200');
    const first = closed[0];
    await first;
    for (const socket of others) socket.destroy();
  });

  it('asks clients for a certificate of the authority that was named', async () => {
    const authority = new Authority();
    const { folder, files } = certified(authority);
    const { port } = await served({ tls: { ...files, clientCaFile: join(folder, 'ca') } });
    const client = authority.issue({ name: 'operator' });
    const stranger = new Authority('Stranger').issue({ name: 'stranger' });
    expect(await ask(port, authority.cert, client)).toBe('200');
    await expect(ask(port, authority.cert)).rejects.toThrow();
    await expect(ask(port, authority.cert, stranger)).rejects.toThrow();
  });

  it('is not started with files that hold no certificate, and names the one', async () => {
    const { system } = testSystem();
    const { folder, files } = certified(new Authority());
    const clientCaFile = join(folder, 'ca');
    for (const path of [clientCaFile, files.certFile]) {
      writeFileSync(path, 'garbage');
      const tls = { ...files, clientCaFile };
      if (path === files.certFile) writeFileSync(clientCaFile, new Authority().cert);
      await expect(startManagement(system, { host, port: 0, tls })).rejects.toMatchObject({
        code: 'MANAGEMENT_TLS_FILES_INVALID',
        message: `Cannot use "${path}" for TLS of management: it holds no certificate in PEM`,
      });
    }
  });

  it('is not started with files that do not belong together', async () => {
    const authority = new Authority();
    const { files } = certified(authority);
    writeFileSync(files.keyFile, authority.issue({ name: 'other' }).key);
    const { system } = testSystem();
    await expect(startManagement(system, { host, port: 0, tls: files })).rejects.toMatchObject({
      code: 'MANAGEMENT_TLS_FILES_INVALID',
    });
  });
});
