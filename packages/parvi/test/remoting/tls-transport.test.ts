import { afterAll } from 'vitest';
import { readTextFile } from '../../src/config/index.ts';
import { silentLogger } from '../../src/observe/index.ts';
import { resolveTlsOptions } from '../../src/remote/index.ts';
import { TlsFiles } from '../../src/remote/tls-files.ts';
import { tlsTransport } from '../../src/remote/tls-transport.ts';
import { systemRuntime } from '../../src/runtime/index.ts';
import { Authority, CertificateFiles } from './certificates.ts';
import { transportConformance } from './transport-conformance.ts';
import { until } from './until.ts';

const host = '127.0.33.1';
const authority = new Authority();
const folder = new CertificateFiles(
  authority.cert,
  authority.issue({ name: 'own', hosts: [host] }),
);
const { clock, timers } = systemRuntime();
const files = new TlsFiles(resolveTlsOptions(folder.options), {
  readText: readTextFile,
  log: silentLogger,
  clock,
  timers,
  host,
});

afterAll(() => {
  files.close();
  folder.remove();
});

transportConformance('the TLS transport', () => ({
  transport: tlsTransport({ files }),
  host,
  until,
}));
