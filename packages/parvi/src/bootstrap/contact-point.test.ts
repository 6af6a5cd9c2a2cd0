import { describe, expect, it } from 'vitest';
import { configDiscovery } from '../discovery/index.ts';
import { contactPointOfUrl, matchesSelf } from './contact-point.ts';

describe('a node whose own contact point is found', () => {
  it.each([
    ['Node-A:7626', 'http://Node-A:7626', true],
    ['node-a.example.:7626', 'http://node-a.example:7626', true],
    ['node-a.example', 'http://node-a.example.:7626', true],
    ['[fd00:0::5]:7626', 'https://[FD00::5]:7626/ops', true],
    ['node-b:7626', 'http://node-a:7626', false],
    ['node-a:7627', 'http://node-a:7626', false],
  ])('knows whether "%s" is itself at %s', async (endpoint, url, isSelf) => {
    const [target] = await configDiscovery({ endpoints: [endpoint] }).lookup(
      { serviceName: 'any', portName: '', protocol: '' },
      1000,
    );
    if (target === undefined) throw new Error('there is one endpoint');
    expect(matchesSelf(target, contactPointOfUrl(url))).toBe(isSelf);
  });
});
