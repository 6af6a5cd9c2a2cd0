import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime/index.ts';
import { ManualTime } from '../testkit/index.ts';
import { type KubernetesPorts, kubernetesApi } from './api-server.ts';
import { authoritiesPem, FakeApiServer, readAccountFile } from './fixtures/api-server.ts';
import { describeApiServer } from './fixtures/conformance.ts';
import { leasesPath } from './lease-resource.ts';

const apiServer = 'https://10.96.0.1:443';
const tokenFile = '/token';
const leases = leasesPath('grid');
const authorities = (): Promise<string> => Promise.resolve(authoritiesPem);

describeApiServer(
  'in memory',
  async () => {
    const server = new FakeApiServer();
    server.denied.add('list secrets');
    return {
      namespace: 'grid',
      options: { apiServer, tokenFile },
      ports: {
        runtime: systemRuntime(),
        environment: {},
        http: server.door,
        readFile: readAccountFile,
      },
    };
  },
  'memory',
);

function started(options: { token?: () => string } = {}) {
  const time = new ManualTime();
  const server = new FakeApiServer();
  const ports: KubernetesPorts = {
    runtime: time.runtime(),
    environment: {},
    http: server.door,
    readFile: (path) =>
      path === tokenFile ? Promise.resolve(`${options.token?.() ?? 'token-1'}\n`) : authorities(),
  };
  return { time, server, api: kubernetesApi({ apiServer, tokenFile }, ports) };
}

describe('a client of the API server', () => {
  it('uses a rotated token with the next request', async () => {
    let token = 'token-1';
    const { server, api } = started({ token: () => token });
    await api.request('GET', leases);
    server.tokens.clear();
    server.tokens.add('token-2');
    token = 'token-2';
    expect((await api.request('GET', leases)).status).toBe(200);
    expect(server.requests).toHaveLength(2);
  });

  it('reads the token anew when it is refused, and asks again', async () => {
    let token = 'token-0';
    const { time, server, api } = started({ token: () => token });
    const answer = api.request('GET', leases);
    await time.settleAsync();
    expect(server.requests).toHaveLength(1);
    token = 'token-1';
    await time.advanceAsync(50);
    expect((await answer).status).toBe(200);
    expect(server.requests).toHaveLength(2);
  });

  it('gives up on a token that stays refused', async () => {
    const { time, server, api } = started({ token: () => 'token-0' });
    const answer = expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_UNAUTHORIZED',
      message: expect.stringContaining('not taken, also after it was read anew'),
    });
    await time.advanceAsync(300);
    await answer;
    expect(server.requests).toHaveLength(3);
  });

  it('waits no longer than it may for an answer', async () => {
    const { time, server, api } = started();
    server.failures.push('silence');
    const answer = expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_UNREACHABLE',
      message: `Cannot reach the Kubernetes API server at "https://10.96.0.1": there was no answer within 2000 ms; check that network policies let this node there`,
    });
    await time.advanceAsync(2000);
    await answer;
  });

  it('stops waiting when it is told to', async () => {
    const { time, server, api } = started();
    server.failures.push('silence');
    const abort = new AbortController();
    const answer = expect(
      api.request('GET', leases, undefined, { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    await time.settleAsync();
    abort.abort(new Error('enough'));
    await answer;
  });

  it('says so when the network fails', async () => {
    const { server, api } = started();
    server.failures.push(new Error('connect ECONNREFUSED 10.96.0.1:443'));
    await expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_UNREACHABLE',
      message: expect.stringContaining('connect ECONNREFUSED'),
    });
  });

  it('quotes other refusals, and proxies that answer in text', async () => {
    const { server, api } = started();
    server.failures.push({ status: 503, body: 'upstream connect error' });
    await expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_REFUSED',
      message: expect.stringContaining('status 503: upstream connect error'),
    });
    server.failures.push({ status: 200, body: '<html>' });
    await expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_ANSWER_INVALID',
    });
  });

  it('says what to do when there is no service account', async () => {
    const server = new FakeApiServer();
    const missing = () => Promise.reject(new Error('ENOENT: no such file or directory'));
    const api = kubernetesApi(
      {},
      {
        runtime: systemRuntime(),
        environment: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' },
        http: server.door,
        readFile: missing,
      },
    );
    await expect(api.request('GET', leases)).rejects.toMatchObject({
      code: 'KUBERNETES_FILE_UNREADABLE',
      message: expect.stringContaining('automountServiceAccountToken: true'),
    });
  });

  it('refuses to start outside of a pod without an address, and with an odd one', () => {
    const ports = { runtime: systemRuntime(), environment: {} };
    expect(() => kubernetesApi({}, ports)).toThrow('KUBERNETES_SERVICE_HOST is not set');
    expect(() => kubernetesApi({ apiServer: '10.96.0.1' }, ports)).toThrow(
      'Cannot use kubernetes.apiServer "10.96.0.1": it takes a URL such as',
    );
  });
});
