// Certificates for tests, made on the spot: an authority, and nodes that it vouches for. X.509 version 3 with ECDSA P-256
// (RFC 5280, RFC 5480), written in DER by hand, as no Node API makes certificates.

import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from '../../src/remote/index.ts';

export interface Certified {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateWishes {
  readonly name: string;
  /** DNS names and IPv4 addresses that it holds for. */
  readonly hosts?: readonly string[];
  /** Years from and to which it is valid. Default 2020 to 2049. */
  readonly validity?: readonly [number, number];
  /** Kind of its key; Pekko's reader of PEM files knows RSA alone. Default `ec`. */
  readonly keyType?: 'ec' | 'rsa';
}

const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const commonName = Buffer.from('0603550403', 'hex');
const basicConstraints = Buffer.from('0603551d13', 'hex');
const subjectAltName = Buffer.from('0603551d11', 'hex');

let nextSerial = 1;

/** Vouches for others. */
export class Authority {
  readonly cert: string;
  readonly #name: string;
  readonly #key: KeyObject;

  constructor(name = 'Test Authority') {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = name;
    this.#key = privateKey;
    this.cert = this.#certificate({ name }, publicKey, true);
  }

  issue(wishes: CertificateWishes): Certified {
    const { privateKey, publicKey } =
      wishes.keyType === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { key, cert: this.#certificate(wishes, publicKey, false) };
  }

  #certificate(wishes: CertificateWishes, publicKey: KeyObject, isAuthority: boolean): string {
    const { name, hosts = [], validity = [2020, 2049] } = wishes;
    const extension = isAuthority
      ? sequence(basicConstraints, tlv(0x01, Buffer.of(0xff)), octets(sequence(boolean(true))))
      : sequence(subjectAltName, octets(sequence(...hosts.map(generalName))));
    const toBeSigned = sequence(
      tlv(0xa0, integer(2)),
      integer(nextSerial++),
      ecdsaWithSha256,
      distinguishedName(this.#name),
      sequence(...validity.map((year) => tlv(0x18, Buffer.from(`${year}0101000000Z`)))),
      distinguishedName(name),
      publicKey.export({ type: 'spki', format: 'der' }),
      tlv(0xa3, sequence(extension)),
    );
    const signature = sign('sha256', toBeSigned, createPrivateKey(this.#key.export(pkcs8)));
    const bits = tlv(0x03, Buffer.concat([Buffer.of(0), signature]));
    return pem(sequence(toBeSigned, ecdsaWithSha256, bits));
  }
}

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

/** The three files of a node in a folder of their own. */
export class CertificateFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parvi-tls-'));
  readonly options: TlsOptions = {
    keyFile: join(this.#folder, 'tls.key'),
    certFile: join(this.#folder, 'tls.crt'),
    caFile: join(this.#folder, 'ca.crt'),
  };

  constructor(authorities: string, own: Certified) {
    this.write(authorities, own);
  }

  write(authorities: string, own: Certified): void {
    writeFileSync(this.options.keyFile, own.key);
    writeFileSync(this.options.certFile, own.cert);
    writeFileSync(this.options.caFile, authorities);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function tlv(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), body]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...contents);
}

function octets(content: Uint8Array): Buffer {
  return tlv(0x04, content);
}

function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.of(value ? 0xff : 0));
}

function integer(value: number): Buffer {
  return tlv(0x02, Buffer.of(value >>> 8, value & 0xff).subarray(value < 128 ? 1 : 0));
}

function distinguishedName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from(name)))));
}

function generalName(host: string): Buffer {
  const octetsOfIp = host.split('.').map(Number);
  const isIp = octetsOfIp.length === 4 && octetsOfIp.every(Number.isInteger);
  return isIp ? tlv(0x87, Buffer.from(octetsOfIp)) : tlv(0x82, Buffer.from(host));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
