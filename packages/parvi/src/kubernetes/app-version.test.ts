import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/index.ts';
import { kubernetesApi } from './api-server.ts';
import { appVersionFromRevision } from './app-version.ts';
import { FakeApiServer, readAccountFile } from './fixtures/api-server.ts';

const pod = { namespace: 'grid', podName: 'grid-5f-1' };
const podAt = '/api/v1/namespaces/grid/pods/grid-5f-1';
const replicaSetAt = '/apis/apps/v1/namespaces/grid/replicasets/grid-5f';

function started(options: { owner?: string; revision?: string } = {}) {
  const { owner = 'ReplicaSet', revision = '12' } = options;
  const time = new ManualTime();
  const server = new FakeApiServer();
  server.put(podAt, {
    metadata: {
      ownerReferences: [
        { kind: 'Else', name: 'x' },
        { kind: owner, name: 'grid-5f' },
      ],
    },
  });
  server.put(replicaSetAt, {
    metadata: { annotations: { 'deployment.kubernetes.io/revision': revision } },
  });
  const api = kubernetesApi(
    { apiServer: 'https://10.96.0.1' },
    {
      runtime: time.runtime(),
      environment: {},
      http: server.door,
      readFile: readAccountFile,
    },
  );
  return { time, server, asked: () => appVersionFromRevision(api, pod, time.timers) };
}

describe('the version from the revision of the Deployment', () => {
  it('is read from the ReplicaSet that owns the pod', async () => {
    const { server, asked } = started();
    expect(await asked()).toBe('12');
    expect(server.requests).toEqual([`GET ${podAt}`, `GET ${replicaSetAt}`]);
  });

  it('is waited for while the API server is away', async () => {
    const { time, server, asked } = started();
    server.failures.push(...Array(4).fill(new Error('connect ECONNREFUSED')));
    const version = asked();
    await time.advanceAsync(4000);
    expect(await version).toBe('12');
  });

  it('is given up on after five times', async () => {
    const { time, server, asked } = started();
    server.failures.push(...Array(9).fill(new Error('connect ECONNREFUSED')));
    const failed = expect(asked()).rejects.toMatchObject({
      code: 'KUBERNETES_REVISION_UNKNOWN',
      message: expect.stringContaining('set cluster.appVersion instead'),
      cause: { code: 'KUBERNETES_UNREACHABLE' },
    });
    await time.advanceAsync(10_000);
    await failed;
    expect(server.requests).toHaveLength(5);
  });

  it('is not asked for again when a right is missing', async () => {
    const { server, asked } = started();
    server.denied.add('get replicasets');
    await expect(asked()).rejects.toMatchObject({
      cause: { code: 'KUBERNETES_FORBIDDEN', fields: { rule: { resource: 'replicasets' } } },
    });
    expect(server.requests).toHaveLength(2);
  });

  it('is not known of pods of other kinds, or with an odd revision', async () => {
    await expect(started({ owner: 'StatefulSet' }).asked()).rejects.toThrow(
      'no ReplicaSet owns it',
    );
    await expect(started({ revision: 'x' }).asked()).rejects.toThrow(
      '"grid-5f" has no annotation deployment.kubernetes.io/revision',
    );
  });
});
