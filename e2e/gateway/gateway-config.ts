// The configuration of deploy/gateway for one machine: other addresses, ports and certificate files, and nothing else.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Certified } from '../../packages/parvi/test/remoting/certificates.ts';

export const gatewayFolder = fileURLToPath(new URL('../../deploy/gateway', import.meta.url));

const host = '127.0.0.1';

export interface GatewayPlace {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly adminPort: number;
  /** Where the controllers take HTTP. */
  readonly controllerPorts: readonly number[];
  readonly certificate: Certified;
  /** Requests a second that the gateway lets through, instead of what the file says. */
  readonly requestsPerSecond?: number;
}

/** As far as it is changed here. */
interface EnvoyFile {
  admin: { address: unknown };
  static_resources: {
    listeners: { name: string; address: unknown }[];
    clusters: {
      type: string;
      load_assignment: { endpoints: { lb_endpoints: unknown[] }[] };
    }[];
  };
}

/** The text of a file of deploy/gateway. */
export const gatewayText = (name: string): string =>
  readFileSync(join(gatewayFolder, name), 'utf8');

const at = (port: number) => ({ socket_address: { address: host, port_value: port } });

/** The files of one gateway in a folder of their own. */
export class GatewayFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'parvi-gateway-'));
  readonly configFile = join(this.folder, 'envoy.json');

  constructor(place: GatewayPlace) {
    this.replaceCertificate(place.certificate);
    const secret = gatewayText('tls.yaml').replaceAll('/etc/envoy/tls', this.folder);
    writeFileSync(join(this.folder, 'tls.yaml'), secret);
    const text = gatewayText('envoy.yaml').replaceAll(
      '/etc/envoy/tls.yaml',
      join(this.folder, 'tls.yaml'),
    );
    writeFileSync(this.configFile, JSON.stringify(placed(parse(text) as EnvoyFile, place)));
  }

  /** Writes and renames, so that whoever watches sees whole files. */
  replaceCertificate({ key, cert }: Certified): void {
    for (const [name, text] of [
      ['tls.key', key],
      ['tls.crt', cert],
    ] as const) {
      writeFileSync(join(this.folder, `${name}.new`), text);
      renameSync(join(this.folder, `${name}.new`), join(this.folder, name));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function placed(file: EnvoyFile, place: GatewayPlace): EnvoyFile {
  file.admin.address = at(place.adminPort);
  const ports: Readonly<Record<string, number>> = { http: place.httpPort, https: place.httpsPort };
  for (const listener of file.static_resources.listeners) {
    listener.address = at(ports[listener.name] ?? 0);
  }
  for (const cluster of file.static_resources.clusters) {
    cluster.type = 'STATIC';
    const endpoints = place.controllerPorts.map((port) => ({ endpoint: { address: at(port) } }));
    cluster.load_assignment.endpoints = [{ lb_endpoints: endpoints }];
  }
  if (place.requestsPerSecond !== undefined) widen(file, place.requestsPerSecond);
  return file;
}

/** Gives every bucket of tokens so many. */
function widen(value: unknown, perSecond: number): void {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  if ('tokens_per_fill' in fields) {
    fields.tokens_per_fill = perSecond;
    fields.max_tokens = perSecond;
  }
  for (const field of Object.values(fields)) widen(field, perSecond);
}
