// Who reads metrics where management asks callers for a secret: nodes and Prometheus have it from the same place.

import { beforeAll, describe, expect, it } from 'vitest';
import { cases } from './cases.ts';
import { at, buildDependencies, objectNamed, render, type Values } from './chart.ts';
import { listAt, writtenVariables } from './pods.ts';
import { podSpecOf } from './restricted.ts';
import { hasHelm } from './tools.ts';

const canRender = hasHelm();
beforeAll(() => {
  if (canRender) buildDependencies();
}, 120_000);

const file = '/etc/parvi/management/secret';
const prefix = 'PARVI_MANAGEMENT_AUTHENTICATION';

/** What a part of the grid is told of callers, and which key of which Secret its file is. */
function partOf(values: Values, name: string) {
  const object = objectNamed(render({ values }), name);
  const pod = podSpecOf(object);
  const container = at(pod, 'containers', 0);
  const variables = writtenVariables(object);
  const user = listAt(container, 'env').find((one) => at(one, 'name') === `${prefix}_USER`);
  return {
    scheme: variables.get(`${prefix}_SCHEME`),
    file: variables.get(`${prefix}_SECRET_FILE`),
    user: at(user, 'valueFrom', 'secretKeyRef'),
    mounts: listAt(container, 'volumeMounts').filter((one) => at(one, 'name') === 'management'),
    volumes: listAt(pod, 'volumes').filter((one) => at(one, 'name') === 'management'),
  };
}

const endpointOf = (values: Values): unknown =>
  at(objectNamed(render({ values }), 'ServiceMonitor/ve').spec, 'endpoints', 0);

const volume = (key: string) => ({
  name: 'management',
  secret: {
    secretName: 'grid-management',
    defaultMode: 0o440,
    items: [{ key, path: 'secret' }],
  },
});
// The whole directory: a file mounted by subPath would never change.
const mounts = [{ name: 'management', mountPath: '/etc/parvi/management', readOnly: true }];

describe.skipIf(!canRender)('callers of management', () => {
  it('send a token that nodes and Prometheus have from one Secret', () => {
    const values = cases['management by a token, and Prometheus with it'] ?? {};
    for (const name of ['Deployment/ve-ctrl', 'Deployment/ve']) {
      const volumes = [volume('token')];
      const told = { scheme: 'bearer', file, user: undefined, mounts, volumes };
      expect(partOf(values, name)).toEqual(told);
    }
    expect(endpointOf(values)).toMatchObject({
      authorization: { type: 'Bearer', credentials: { name: 'grid-management', key: 'token' } },
    });
    expect(at(endpointOf(values), 'basicAuth')).toBeUndefined();
  });

  it('send a name and a password under the keys that are said', () => {
    const values = cases['management by name and password, and Prometheus with them'] ?? {};
    const user = { name: 'grid-management', key: 'user' };
    for (const name of ['StatefulSet/ve-ctrl', 'Deployment/ve']) {
      const told = { scheme: 'basic', file, user, mounts, volumes: [volume('word')] };
      expect(partOf(values, name)).toEqual(told);
    }
    const password = { name: 'grid-management', key: 'word' };
    expect(endpointOf(values)).toMatchObject({ basicAuth: { username: user, password } });
    expect(at(endpointOf(values), 'authorization')).toBeUndefined();
  });

  it('have keys as those of a Secret of type kubernetes.io/basic-auth where none are said', () => {
    const authentication = { scheme: 'basic', existingSecret: 'grid-management' };
    const values = {
      management: { authentication },
      monitoring: { serviceMonitor: { enabled: true } },
    };
    expect(endpointOf(values)).toMatchObject({
      basicAuth: { username: { key: 'username' }, password: { key: 'password' } },
    });
  });

  it('send nothing where nothing is asked', () => {
    const values = { monitoring: { serviceMonitor: { enabled: true } } };
    const none = { scheme: undefined, file: undefined, user: undefined, mounts: [], volumes: [] };
    expect(partOf(values, 'Deployment/ve')).toEqual(none);
    expect(Object.keys(Object(endpointOf(values))).sort()).toEqual([
      'interval',
      'path',
      'port',
      'scrapeTimeout',
    ]);
  });
});
