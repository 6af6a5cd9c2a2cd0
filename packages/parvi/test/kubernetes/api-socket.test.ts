import { createServer } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kubernetesApi } from '../../src/kubernetes/index.ts';
import { systemRuntime } from '../../src/runtime/index.ts';
import { Authority } from '../remoting/certificates.ts';

const tokenFile = '/token';

async function listening(authority: Authority): Promise<number> {
  const server = createServer(
    authority.issue({ name: 'api', hosts: ['127.0.0.1'] }),
    (request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        const { method, url, headers } = request;
        const { authorization, 'content-type': type } = headers;
        response.end(JSON.stringify({ method, url, authorization, type, body }));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function client(apiServer: string, ca = '') {
  return kubernetesApi(
    { apiServer, caFile: '/ca', tokenFile, requestTimeout: '10s' },
    {
      runtime: systemRuntime(),
      environment: {},
      readFile: (path) => Promise.resolve(path === '/ca' ? ca : 'secret'),
    },
  );
}

describe('the socket of an API server', () => {
  it('is reached by TLS with the token', async () => {
    const authority = new Authority();
    const api = client(`https://127.0.0.1:${await listening(authority)}`, authority.cert);
    const patch = { contentType: 'application/merge-patch+json' };
    expect(await api.request('PATCH', '/api/v1/pods?limit=1', { text: 'größer' }, patch)).toEqual({
      status: 200,
      body: {
        method: 'PATCH',
        url: '/api/v1/pods?limit=1',
        authorization: 'Bearer secret',
        type: 'application/merge-patch+json',
        body: '{"text":"größer"}',
      },
    });
  });

  it('is not spoken to when its authority is another', async () => {
    const port = await listening(new Authority());
    const api = client(`https://127.0.0.1:${port}`, new Authority('Another').cert);
    await expect(api.request('GET', '/api')).rejects.toMatchObject({
      code: 'KUBERNETES_UNREACHABLE',
      message: expect.stringMatching(/certificate/),
    });
  });

  it('is not spoken to with a file of authorities that holds none', async () => {
    const api = client('https://127.0.0.1:1', 'garbage');
    await expect(api.request('GET', '/api')).rejects.toMatchObject({
      code: 'KUBERNETES_FILE_UNREADABLE',
      message:
        'Cannot use "/ca" as the authorities of the Kubernetes API server: it holds no certificate in PEM; set kubernetes.caFile to the file of those that vouch for it',
    });
  });

  it('is not there when nobody listens', async () => {
    await expect(client('http://127.0.0.1:1').request('GET', '/api')).rejects.toMatchObject({
      code: 'KUBERNETES_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('needs files that can be read', async () => {
    const api = kubernetesApi(
      { apiServer: 'http://127.0.0.1:1', tokenFile: '/no/such/token' },
      { runtime: systemRuntime(), environment: {} },
    );
    await expect(api.request('GET', '/api')).rejects.toMatchObject({
      code: 'KUBERNETES_FILE_UNREADABLE',
      message: expect.stringContaining('"/no/such/token"'),
    });
  });
});
