import { describe, expect, it } from 'vitest';
import { otelVariables } from './otel-variables.ts';

describe("OpenTelemetry's variables", () => {
  it('describe a node, and name it', () => {
    const variables = otelVariables({
      OTEL_RESOURCE_ATTRIBUTES: ' k8s.pod.name=ve-0 , team=a%2Cb%20c,service.name=grid,empty=',
    });
    expect(variables).toEqual({
      serviceName: 'grid',
      attributes: { 'k8s.pod.name': 've-0', team: 'a,b c', empty: '' },
      unreadable: undefined,
    });
  });

  it('name it by the variable of that purpose first', () => {
    const OTEL_RESOURCE_ATTRIBUTES = 'service.name=grid';
    expect(
      otelVariables({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'pricing' }).serviceName,
    ).toBe('pricing');
    expect(otelVariables({}).serviceName).toBeUndefined();
  });

  it.each(['a=b,nothing', 'a=b,=c', 'a=%zz'])('of which %j cannot be read do not count', (text) => {
    const part = text.split(',').at(-1);
    expect(otelVariables({ OTEL_RESOURCE_ATTRIBUTES: text })).toEqual({
      serviceName: undefined,
      attributes: {},
      unreadable: { variable: 'OTEL_RESOURCE_ATTRIBUTES', part },
    });
  });
});
