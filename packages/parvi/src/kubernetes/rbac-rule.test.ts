import { describe, expect, it } from 'vitest';
import { rbacRule, ruleText } from './rbac-rule.ts';

describe('the rule that a request needs', () => {
  it.each([
    ['GET', '/api/v1/namespaces/a/pods?labelSelector=x', '"" pods list a'],
    ['GET', '/api/v1/namespaces/a/pods/p-1', '"" pods get a'],
    ['PATCH', '/api/v1/namespaces/a/pods/p-1', '"" pods patch a'],
    [
      'POST',
      '/apis/coordination.k8s.io/v1/namespaces/a/leases',
      '"coordination.k8s.io" leases create a',
    ],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/d/scale', '"apps" deployments/scale update a'],
    ['DELETE', '/api/v1/nodes/n', '"" nodes delete undefined'],
    ['GET', '/api/v1/namespaces/a', '"" namespaces get undefined'],
  ])('is read off %s %s', (method, path, expected) => {
    const rule = rbacRule(method, path);
    expect(`"${rule?.apiGroup}" ${rule?.resource} ${rule?.verb} ${rule?.namespace}`).toBe(expected);
  });

  it('is none for what is no resource', () => {
    expect([rbacRule('GET', '/healthz'), rbacRule('GET', '/api/v1')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is written as in a Role', () => {
    const rule = { apiGroup: 'apps', resource: 'replicasets', verb: 'get', namespace: 'a' };
    expect(ruleText(rule)).toBe(
      '{apiGroups: ["apps"], resources: ["replicasets"], verbs: ["get"]}',
    );
  });
});
