// Certificates for nodes of both kinds, and what each kind is configured with to use them. Pekko has two engines: one reads
// the same PEM files as Parvi and renews them, the other reads Java's key stores once.

import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import {
  Authority,
  CertificateFiles,
  type CertificateWishes,
  type Certified,
} from '../../packages/parvi/test/remoting/certificates.ts';
import type { NodeProcess } from './node-process.ts';
import type { NodeOptions } from './nodes.ts';
import { buildPeer } from './peer-build.ts';

const run = promisify(execFile);
const ssl = 'pekko.remote.artery.ssl';
const password = 'changeme';

export const authority = new Authority('Authority');
export const stranger = new Authority('Other authority');

/** Pekko's engine with rotating keys wants the names of both ends to be alike, and its reader of PEM files knows RSA alone. */
export function certified(
  hosts: readonly string[],
  more: Partial<CertificateWishes> & { readonly from?: Authority } = {},
): Certified {
  const { from = authority, ...wishes } = more;
  return from.issue({ name: 'interop', keyType: 'rsa', hosts, ...wishes });
}

/** Files of certificates, removed together. */
export class CertificateFolders {
  readonly #folders: CertificateFiles[] = [];

  add(own: Certified): CertificateFiles {
    const made = new CertificateFiles(authority.cert, own);
    this.#folders.push(made);
    return made;
  }

  remove(): void {
    for (const folder of this.#folders.splice(0)) folder.remove();
  }
}

/** Both kinds read the PEM files, and look for new ones again and again. */
export function rotating(files: CertificateFiles): NodeOptions {
  const { keyFile, certFile, caFile } = files.options;
  return {
    ...parviSecured(files),
    settings: {
      'pekko.remote.artery.transport': 'tls-tcp',
      [`${ssl}.ssl-engine-provider`]:
        'org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider',
      [`${ssl}.rotating-keys-engine.key-file`]: keyFile,
      [`${ssl}.rotating-keys-engine.cert-file`]: certFile,
      [`${ssl}.rotating-keys-engine.ca-cert-file`]: caFile,
      [`${ssl}.rotating-keys-engine.ssl-context-cache-ttl`]: '1s',
    },
  };
}

/** A node of the JVM reads key stores, by the engine that is set unless another is. */
export async function stored(
  files: CertificateFiles,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<NodeOptions> {
  const folder = dirname(files.options.keyFile);
  const { classPath } = await buildPeer();
  await run('java', ['-cp', classPath, 'parvi.interop.KeyStores', folder, password]);
  const engine = `${ssl}.config-ssl-engine`;
  return {
    ...parviSecured(files),
    settings: {
      'pekko.remote.artery.transport': 'tls-tcp',
      [`${engine}.key-store`]: join(folder, 'keystore.p12'),
      [`${engine}.trust-store`]: join(folder, 'truststore.p12'),
      [`${engine}.key-store-password`]: password,
      [`${engine}.key-password`]: password,
      [`${engine}.trust-store-password`]: password,
      ...settings,
    },
  };
}

function parviSecured({ options }: CertificateFiles): Pick<NodeOptions, 'parvi'> {
  const { keyFile, certFile, caFile } = options;
  const tls = { keyFile, certFile, caFile, reloadIntervalMs: 500 };
  return { parvi: { remote: { transport: 'tls-tcp', tls } } };
}

/** What a node shows to who dials it with a certificate of the authority. */
export function shownBy(
  host: string,
): Promise<{ readonly serial: string; readonly suite: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly serial: string;
    readonly suite: string;
  }>();
  const { key, cert } = certified(['127.0.0.1']);
  const socket = connect({ host, port: 25_520, key, cert, ca: authority.cert }, () => {
    const serial = socket.getPeerCertificate().serialNumber;
    resolve({ serial, suite: `${socket.getProtocol()} ${socket.getCipher().name}` });
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}

/** Neither reaches the other: an ask that would have been answered is not, and nobody has joined. */
export async function keptOut(a: NodeProcess, b: NodeProcess): Promise<void> {
  const asked = { timeoutMs: 5000 };
  const answers = await Promise.all([
    b.try('identify', { to: a.path('echo'), ...asked }),
    a.try('identify', { to: b.path('echo'), ...asked }),
  ]);
  expect(answers.map(({ error }) => error !== undefined)).toEqual([true, true]);
  expect((await a.state()).members).toHaveLength(1);
  expect((await b.state()).members).toHaveLength(0);
  const said = [a, b].map(({ errorText }) => errorText).join('');
  expect(said).toMatch(/"code":"REMOTE_TLS_/);
}
