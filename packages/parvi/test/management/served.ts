// Management of a system without remoting, for tests of its server.

import { afterEach } from 'vitest';
import {
  type Management,
  type ManagementOptions,
  type ManagementPorts,
  startManagement,
} from '../../src/management/index.ts';
import { testSystem } from '../../src/testkit/index.ts';
import { exchange, parseResponse, type Response } from './recordings.ts';
import { first, SampleCluster, second, third } from './sample-cluster.ts';

const host = '127.0.40.4';

const running: Management[] = [];
afterEach(async () => {
  for (const management of running.splice(0)) await management.close();
});

/** A server in manual time, on a cluster of three. */
export async function served(options: ManagementOptions = {}, ports: ManagementPorts = {}) {
  const test = testSystem();
  const cluster = new SampleCluster(first, [first, second, third]);
  const management = await startManagement(
    test.system,
    { host, port: 0, ...options },
    { cluster, ...ports },
  );
  running.push(management);
  const { port } = management;
  /** Sends a head, and a body if there is one, and gives the whole answer. */
  const ask = async (head: string, ...headers: string[]): Promise<Response> => {
    const hosts = headers.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${host}:${port}`];
    const lines = [`${head} HTTP/1.1`, ...hosts, 'Connection: close', ...headers, '', ''];
    return parseResponse(await exchange(port, host, lines.join('\r\n')));
  };
  return { ...test, cluster, management, port, host, ask };
}
