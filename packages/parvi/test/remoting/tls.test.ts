// TLS between nodes over real sockets on loopback, with certificates made here.

import { createPrivateKey } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { RemotingOptions, TlsOptions } from '../../src/remote/index.ts';
import { Authority, CertificateFiles, type CertificateWishes } from './certificates.ts';
import { farRef, listener, pinger, startNode, type TestNode, troubles } from './nodes.ts';
import { until } from './until.ts';

const authority = new Authority();
const stranger = new Authority('Other Authority');

const locked = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
const pkcs8 = { ...locked, type: 'pkcs8' } as const;
const traditional = { ...locked, type: 'sec1' } as const;

const nodes: TestNode[] = [];
const folders: CertificateFiles[] = [];
const sockets: { destroy(): void }[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(nodes.splice(0).map((node) => node.system.terminate()));
  for (const folder of folders.splice(0)) folder.remove();
});

function files(wishes: CertificateWishes, by = authority, trusted = authority.cert) {
  const made = new CertificateFiles(trusted, by.issue(wishes));
  folders.push(made);
  return made;
}

async function start(
  host: string,
  tls: Partial<TlsOptions> | 'off' = {},
  options: Partial<RemotingOptions> = {},
): Promise<TestNode> {
  const limits = { reconnectMinMs: 10, reconnectMaxMs: 20, dialTimeoutMs: 5000, ...options.limits };
  const named = files({ name: host, hosts: [host] }).options;
  const secure = tls === 'off' ? {} : { transport: 'tls-tcp' as const, tls: { ...named, ...tls } };
  const node = await startNode(undefined, { host, port: 0, ...secure, ...options, limits });
  nodes.push(node);
  return node;
}

/** The codes of all warnings of a node, each as often as it was said. */
function codes(node: TestNode): unknown[] {
  return node.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.code);
}

function pingerOf(node: TestNode) {
  return node.system.spawn(pinger);
}

async function asks(from: TestNode, to: TestNode): Promise<number> {
  return farRef(from, pingerOf(to)).ask((replyTo) => ({ type: 'ping', n: 1, replyTo }));
}

/** Tells `to` something, over and over, until the two have said why it does not arrive, and then some more. */
async function refusedWith(from: TestNode, to: TestNode, said: () => boolean): Promise<void> {
  const there = listener(to.system, `never-told-${from.remoting.uid}`);
  const { telemetry } = from.remoting;
  let enough = Number.POSITIVE_INFINITY;
  await until(() => {
    const [view] = from.remoting.associations();
    if (view?.streams[1]?.state !== 'waiting') farRef(from, there.ref).tell('never arrives');
    if (said()) enough = Math.min(enough, telemetry.dials + 4);
    return telemetry.dials >= enough;
  });
  expect(there.heard.messages).toEqual([]);
}

describe('nodes that speak TLS', () => {
  it('ask, tell in order, watch, and have nothing to complain of', async () => {
    const alpha = await start('127.0.32.1');
    const beta = await start('127.0.32.2');
    expect(await asks(alpha, beta)).toBe(2);
    const there = listener(beta.system, 'there');
    const texts = Array.from({ length: 5000 }, (_, i) => `${i} ${'x'.repeat(i % 1000)}`);
    for (const text of texts) farRef(alpha, there.ref).tell(text);
    const mortal = pingerOf(beta);
    const { heard } = listener(alpha.system, 'watcher', [farRef(alpha, mortal)]);
    await until(() => there.heard.messages.length === texts.length);
    expect(there.heard.messages).toEqual(texts);
    beta.system.stop(mortal);
    await until(() => heard.terminated.length === 1);
    expect([...troubles(alpha), ...troubles(beta)]).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('may be kept to %s', async (version) => {
    const alpha = await start('127.0.32.1', { protocols: [version] });
    const beta = await start('127.0.32.2');
    expect(await asks(alpha, beta)).toBe(2);
    const other = version === 'TLSv1.2' ? 'TLSv1.3' : 'TLSv1.2';
    const gamma = await start('127.0.32.3', { protocols: [other] });
    await refusedWith(gamma, alpha, () => codes(gamma).includes('REMOTE_TLS_HANDSHAKE_FAILED'));
    expect(codes(alpha)).toContain('REMOTE_TLS_HANDSHAKE_FAILED');
  });

  it('verify no names where that is switched off', async () => {
    const lax = { hostnameVerification: false, ...files({ name: 'any' }).options };
    const alpha = await start('127.0.32.1', lax);
    const beta = await start('127.0.32.2', lax);
    expect(await asks(alpha, beta)).toBe(2);
  });

  it('start with nothing but usable files', async () => {
    const good = files({ name: 'a', hosts: ['127.0.32.1'] });
    const other = files({ name: 'b', hosts: ['127.0.32.1'] });
    const wrong: [Partial<TlsOptions>, string][] = [
      [{ keyFile: `${good.options.keyFile}.gone` }, 'tls.key.gone'],
      [{ keyFile: other.options.keyFile, certFile: good.options.certFile }, 'key'],
      [{ caFile: good.options.keyFile }, 'holds no certificate'],
    ];
    for (const [tls, said] of wrong) {
      await expect(start('127.0.32.1', tls)).rejects.toMatchObject({
        code: 'REMOTE_TLS_FILES_INVALID',
        message: expect.stringContaining(said),
      });
    }
    for (const form of [pkcs8, traditional]) {
      const own = authority.issue({ name: 'c', hosts: ['127.0.32.1'] });
      const key = createPrivateKey(own.key).export(form).toString();
      const made = new CertificateFiles(authority.cert, { ...own, key });
      folders.push(made);
      await expect(start('127.0.32.1', made.options)).rejects.toMatchObject({
        code: 'REMOTE_TLS_FILES_INVALID',
        message: expect.stringMatching(/the key is encrypted.* "openssl pkey -in \S+tls.key -out/),
      });
    }
    await expect(start('127.0.32.1', { caFile: '' })).rejects.toMatchObject({
      code: 'REMOTE_OPTIONS_INVALID',
    });
  });
});

describe('a peer that is refused', () => {
  it('has a certificate of an authority that nobody trusts: both sides say so once', async () => {
    const alpha = await start('127.0.32.1');
    const theirs = files({ name: 'evil', hosts: ['127.0.32.9'] }, stranger, stranger.cert);
    const evil = await start('127.0.32.9', theirs.options);
    await refusedWith(evil, alpha, () => codes(evil).length > 0);
    expect(codes(evil)).toEqual(['REMOTE_TLS_PEER_UNTRUSTED']);
    await refusedWith(alpha, evil, () => codes(alpha).length > 0);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_PEER_UNTRUSTED']);
  });

  it('trusts us and is not trusted: the listener turns it away', async () => {
    const alpha = await start('127.0.32.1');
    const both = authority.cert + stranger.cert;
    const theirs = files({ name: 'evil', hosts: ['127.0.32.9'] }, stranger, both);
    const evil = await start('127.0.32.9', theirs.options);
    await refusedWith(evil, alpha, () => codes(alpha).length > 0);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_PEER_UNTRUSTED']);
    expect(alpha.remoting.associations()).toEqual([]);
    expect(alpha.remoting.telemetry.refusals('tls')).toBeGreaterThan(3);
  });

  it('shows no certificate', async () => {
    const alpha = await start('127.0.32.1');
    const socket = connectTls({
      host: '127.0.32.1',
      port: alpha.remoting.address.port,
      ca: authority.cert,
    });
    sockets.push(socket);
    let ended = false;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ended = true;
    });
    socket.on('secureConnect', () => socket.write('AKKA\x01'));
    await until(() => ended);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_CERTIFICATE_MISSING']);
    expect(alpha.log.lines.find(({ level }) => level === 'warn')?.fields.from).toMatch(/^127\./);
  });

  it('may show none where mutual authentication is switched off', async () => {
    const alpha = await start('127.0.32.1', { requireMutualAuthentication: false });
    const beta = await start('127.0.32.2', { requireMutualAuthentication: false });
    expect(await asks(alpha, beta)).toBe(2);
    const { port } = alpha.remoting.address;
    const socket = connectTls({ host: '127.0.32.1', port, ca: authority.cert });
    sockets.push(socket);
    const { inboundConnections } = alpha.remoting.telemetry;
    socket.on('secureConnect', () => socket.write('AKKA\x01'));
    await until(() => alpha.remoting.telemetry.inboundConnections > inboundConnections);
    expect(codes(alpha)).toEqual([]);
  });

  it('has a certificate that has expired', async () => {
    const alpha = await start('127.0.32.1');
    const old = files({ name: 'old', hosts: ['127.0.32.9'], validity: [2020, 2021] });
    const late = await start('127.0.32.9', old.options);
    expect(codes(late)).toEqual(['REMOTE_TLS_CERTIFICATE_EXPIRED']);
    await refusedWith(late, alpha, () => codes(alpha).length > 0);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_CERTIFICATE_EXPIRED']);
    await refusedWith(alpha, late, () => codes(alpha).length > 1);
    expect(codes(alpha)).toEqual([
      'REMOTE_TLS_CERTIFICATE_EXPIRED',
      'REMOTE_TLS_CERTIFICATE_EXPIRED',
    ]);
  });

  it('has a certificate for another host', async () => {
    const alpha = await start('127.0.32.1');
    const other = files({ name: 'other', hosts: ['127.0.32.8'] });
    const beta = await start('127.0.32.2', other.options);
    expect(codes(beta)).toEqual(['REMOTE_TLS_HOST_MISMATCH']);
    const [warning] = beta.log.lines.filter(({ level }) => level === 'warn');
    expect(warning?.message).toContain('does not name its host "127.0.32.2"');
    await refusedWith(alpha, beta, () => codes(alpha).length > 0);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_HOST_MISMATCH']);
  });

  it('does not speak TLS to a node that does, and the other way round', async () => {
    const secure = await start('127.0.32.1');
    const plain = await start('127.0.32.2', 'off');
    await refusedWith(plain, secure, () => codes(plain).length > 0 && codes(secure).length > 0);
    expect(codes(plain)).toEqual(['REMOTE_DIAL_FAILED']);
    expect(codes(secure)).toEqual(['REMOTE_TLS_PLAIN_PEER']);
    await refusedWith(secure, plain, () => codes(plain).length > 1 && codes(secure).length > 1);
    expect(codes(secure)).toEqual(['REMOTE_TLS_PLAIN_PEER', 'REMOTE_TLS_HANDSHAKE_FAILED']);
    expect(codes(plain)).toEqual(['REMOTE_DIAL_FAILED', 'REMOTE_TLS_UNEXPECTED']);
  });

  it('does no harm to others, however often it comes', async () => {
    const alpha = await start('127.0.32.1');
    const beta = await start('127.0.32.2');
    expect(await asks(alpha, beta)).toBe(2);
    const dials = beta.remoting.telemetry.dials;
    const { port } = alpha.remoting.address;
    let ends = 0;
    for (let i = 0; i < 50; i++) {
      const socket = connectPlain({ host: '127.0.32.1', port });
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => ends++);
      socket.write(i % 2 === 0 ? 'AKKA\x01' : 'GET / HTTP/1.1\r\n\r\n');
    }
    await until(() => ends === 50);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_PLAIN_PEER']);
    expect(alpha.remoting.telemetry.refusals('tls')).toBe(50);
    expect(await asks(beta, alpha)).toBe(2);
    expect(beta.remoting.telemetry.dials).toBe(dials);
    await until(() => alpha.remoting.telemetry.inboundConnections === 2);
  });

  it('says nothing after connecting, and has no place for ever', async () => {
    const limits = { inboundIntroductionMs: 0 };
    const alpha = await start('127.0.32.1', {}, { limits });
    const socket = connectPlain({ host: '127.0.32.1', port: alpha.remoting.address.port });
    sockets.push(socket);
    let ended = false;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ended = true;
    });
    await until(() => ended);
    expect(alpha.remoting.telemetry.refusals('introductionTimeout')).toBe(1);
    expect(alpha.remoting.telemetry.inboundConnections).toBe(0);
  });
});

describe('certificates that are renewed', () => {
  const reloadIntervalMs = 5;

  it('hold for new connections without a restart, and the old connections live on', async () => {
    const alphaFiles = files({ name: 'alpha', hosts: ['127.0.32.1'] });
    const alpha = await start('127.0.32.1', { ...alphaFiles.options, reloadIntervalMs });
    const beta = await start('127.0.32.2');
    expect(await asks(alpha, beta)).toBe(2);
    const { dials } = alpha.remoting.telemetry;
    // From now on alpha belongs to another authority, and trusts both.
    const renewed = stranger.issue({ name: 'renewed', hosts: ['127.0.32.1'] });
    alphaFiles.write(authority.cert + stranger.cert, renewed);
    await until(() => alpha.log.lines.some(({ message }) => message.includes('have changed')));
    expect(await asks(alpha, beta)).toBe(2);
    expect(alpha.remoting.telemetry.dials).toBe(dials);
    // Who trusts only the old authority no longer speaks with it; who trusts the new one does.
    const gamma = await start('127.0.32.3');
    await refusedWith(gamma, alpha, () => codes(gamma).includes('REMOTE_TLS_PEER_UNTRUSTED'));
    const newcomer = files({ name: 'delta', hosts: ['127.0.32.4'] }, stranger, stranger.cert);
    const delta = await start('127.0.32.4', newcomer.options);
    expect(await asks(delta, alpha)).toBe(2);
  });

  it('stay the old ones while the new ones cannot be used, said once', async () => {
    const own = files({ name: 'alpha', hosts: ['127.0.32.1'] });
    const alpha = await start('127.0.32.1', { ...own.options, reloadIntervalMs });
    const beta = await start('127.0.32.2');
    own.write(authority.cert, { ...authority.issue({ name: 'half' }), key: 'no key' });
    await until(() => codes(alpha).length > 0);
    expect(await asks(alpha, beta)).toBe(2);
    expect(codes(alpha)).toEqual(['REMOTE_TLS_FILES_INVALID']);
    own.write(authority.cert, authority.issue({ name: 'whole', hosts: ['127.0.32.1'] }));
    await until(() => alpha.log.lines.some(({ message }) => message.includes('have changed')));
    const gamma = await start('127.0.32.3');
    expect(await asks(gamma, alpha)).toBe(2);
  });
});
