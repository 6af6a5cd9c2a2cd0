import { describe, expect, it } from 'vitest';
import { checkContact, checkJoiner, configText } from './join-compatibility.ts';
import { clusterSettings } from './options.ts';
import type { JsonObject } from './settings.ts';

const own = clusterSettings().joinConfig;
const pekkoDefault =
  '{"pekko":{"cluster":{"downing-provider-class":"org.apache.pekko.cluster.sbr.SplitBrainResolverProvider","split-brain-resolver":{"active-strategy":"keep-majority"},"typed":{"receptionist":{"distributed-key-count":5}}},"version":"1.7.0"}}';

const withCluster = (more: JsonObject): string =>
  configText({
    pekko: { cluster: { 'downing-provider-class': providerOf(own), ...more }, version: '1.7.0' },
  });

function providerOf(config: JsonObject): string {
  return JSON.parse(configText(config)).pekko.cluster['downing-provider-class'];
}

describe('the settings sent with a request to join', () => {
  it('are nested, in alphabetical order, and always name the downing provider', () => {
    expect(configText(own)).toBe(
      '{"pekko":{"cluster":{"downing-provider-class":"org.apache.pekko.cluster.sbr.SplitBrainResolverProvider","split-brain-resolver":{"active-strategy":"keep-majority"}},"version":"1.7.0"}}',
    );
    const off = clusterSettings({ splitBrain: 'off' }).joinConfig;
    expect(configText(off)).toContain('"downing-provider-class":""');
  });

  it('stand under the names of Akka in a cluster of Akka nodes, on both sides', () => {
    const address = { protocol: 'akka', system: 'shop', port: 25520 };
    const { joinConfig } = clusterSettings({}, address);
    const text =
      '{"akka":{"cluster":{"downing-provider-class":"akka.cluster.sbr.SplitBrainResolverProvider","split-brain-resolver":{"active-strategy":"keep-majority"}},"version":"2.6.21"}}';
    expect(configText(joinConfig)).toBe(text);
    expect(checkJoiner(text, joinConfig).problems).toEqual([]);
    expect(checkContact(text, joinConfig)).toEqual([]);
    expect(checkJoiner(pekkoDefault, joinConfig).problems).toEqual([
      'akka.cluster.downing-provider-class is missing',
    ]);
  });

  it('can be extended for JVM nodes with sharding', () => {
    const { joinConfig } = clusterSettings({
      joinConfig: { pekko: { cluster: { sharding: { 'state-store-mode': 'ddata' } } } },
    });
    expect(configText(joinConfig)).toContain('"sharding":{"state-store-mode":"ddata"}');
    expect(configText(joinConfig)).toContain('"downing-provider-class":"org');
  });
});

describe('a contact', () => {
  it('accepts a Pekko node with the same resolver and echoes all that it sent', () => {
    const { check, problems } = checkJoiner(pekkoDefault, own);
    expect(problems).toEqual([]);
    expect(check).toEqual({ verdict: 'Compatible', config: pekkoDefault });
  });

  it.each([
    [undefined, 'sent no settings'],
    ['{}', 'pekko.cluster.downing-provider-class is missing'],
    ['"x"', 'not a JSON object'],
    ['{pekko.cluster.x=1}', 'cannot be read as JSON'],
    [
      configText({ pekko: { cluster: { 'downing-provider-class': 'x' } } }),
      'downing-provider-class is incompatible ("x" there, "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider" here)',
    ],
    [
      withCluster({ 'split-brain-resolver': { 'active-strategy': 'keep-oldest' } }),
      'active-strategy is incompatible ("keep-oldest" there, "keep-majority" here)',
    ],
  ])('refuses %s, and knows why', (text, reason) => {
    const { check, problems } = checkJoiner(text, own);
    expect(check.verdict).toBe('Incompatible');
    expect(problems.join()).toContain(reason);
  });

  it('names all problems at once', () => {
    const strict = clusterSettings({
      joinConfig: { pekko: { cluster: { sharding: { 'state-store-mode': 'ddata' } } } },
    }).joinConfig;
    const joiner = withCluster({ 'split-brain-resolver': { 'active-strategy': 'down-all' } });
    expect(checkJoiner(joiner, strict).problems).toEqual([
      'pekko.cluster.sharding.state-store-mode is missing',
      expect.stringMatching(/active-strategy is incompatible \(.* there, .* here\)/),
    ]);
  });

  it('does not mind a missing strategy, another version, or numbers written with a fraction', () => {
    const numbers = clusterSettings({
      joinConfig: { pekko: { cluster: { sharding: { 'number-of-shards': 1000 } } } },
    }).joinConfig;
    const joiner = withCluster({ sharding: { 'number-of-shards': 1000 } })
      .replace('1.7.0', '1.0.3')
      .replace('1000', '1000.0');
    expect(checkJoiner(joiner, numbers).check.verdict).toBe('Compatible');
  });

  it('takes text and number of the same digits for different', () => {
    const numbers = clusterSettings({
      joinConfig: { pekko: { cluster: { sharding: { 'number-of-shards': 1000 } } } },
    }).joinConfig;
    const joiner = withCluster({ sharding: { 'number-of-shards': '1000' } });
    expect(checkJoiner(joiner, numbers).check.verdict).toBe('Incompatible');
  });

  it('answers with its own value where it has one, and never with secrets', () => {
    const joiner = JSON.parse(pekkoDefault);
    joiner.pekko.remote = { artery: { ssl: { password: 'secret' } }, port: 1 };
    joiner.pekko.version = '1.0.3';
    const { check } = checkJoiner(JSON.stringify(joiner), own);
    const config = check.verdict === 'Compatible' ? check.config : '';
    expect(config).not.toContain('secret');
    expect(JSON.parse(config).pekko.version).toBe('1.7.0');
  });
});

describe('a joining node', () => {
  it('is content with an answer that has its own values', () => {
    expect(checkContact(pekkoDefault, own)).toEqual([]);
  });

  it('finds what differs in the answer', () => {
    const answer = withCluster({ 'split-brain-resolver': { 'active-strategy': 'down-all' } });
    expect(checkContact(answer, own)).toEqual([
      expect.stringMatching(/active-strategy is incompatible \(.* there, .* here\)/),
    ]);
    expect(checkContact('{}', own)).toEqual(['pekko.cluster.downing-provider-class is missing']);
    expect(checkContact('nonsense', own)[0]).toContain('cannot be read as JSON');
  });
});
