import { describe, expect, it } from 'vitest';
import { podEnvironment } from './environment.ts';
import { ownNamespace } from './namespace.ts';

describe('what a pod knows of itself', () => {
  it('comes from the variables that manifests hand in and Kubernetes sets', () => {
    expect(
      podEnvironment({
        POD_NAME: 'grid-1',
        KUBERNETES_POD_NAME: 'other',
        POD_NAMESPACE: ' ',
        KUBERNETES_NAMESPACE: 'grid',
        POD_IP: '10.1.2.3',
        NODE_NAME: 'node-1',
        KUBERNETES_SERVICE_HOST: 'fd00::1',
        KUBERNETES_SERVICE_PORT: '443',
      }),
    ).toEqual({
      name: 'grid-1',
      namespace: 'grid',
      ip: '10.1.2.3',
      nodeName: 'node-1',
      apiServer: 'https://[fd00::1]:443',
    });
  });

  it('is nothing outside of pods', () => {
    expect(Object.values(podEnvironment({}))).toEqual(Array(5).fill(undefined));
  });
});

describe('the own namespace', () => {
  const readFile = () => Promise.resolve('from-file\n');

  it('is the option, else the variable, else the file, else default', async () => {
    const environment = { NAMESPACE: 'from-variable' };
    expect(await ownNamespace({ namespace: 'option' }, { environment, readFile })).toBe('option');
    expect(await ownNamespace({}, { environment, readFile })).toBe('from-variable');
    expect(await ownNamespace({}, { environment: {}, readFile })).toBe('from-file');
    const missing = () => Promise.reject(new Error('no such file'));
    expect(await ownNamespace({}, { environment: {}, readFile: missing })).toBe('default');
  });
});
