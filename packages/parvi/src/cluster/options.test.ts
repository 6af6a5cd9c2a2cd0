import { describe, expect, it } from 'vitest';
import { addressText } from '../wire/index.ts';
import { clusterSettings } from './options.ts';

const self = { protocol: 'pekko', system: 'shop', port: 25520 };

describe('cluster options', () => {
  it('have the defaults of Pekko', () => {
    expect(clusterSettings()).toMatchObject({
      roles: ['dc-default'],
      appVersion: '0.0.0',
      seedNodeTimeoutMs: 5000,
      retryUnsuccessfulJoinAfterMs: 10_000,
      shutdownAfterUnsuccessfulJoinMs: undefined,
      weaklyUpAfterMs: 7000,
      membersMin: 1,
      initialDelayMs: 1000,
      gossipIntervalMs: 1000,
      gossipTimeToLiveMs: 2000,
      leaderActionsIntervalMs: 1000,
      reaperIntervalMs: 1000,
      pruneTombstonesAfterMs: 86_400_000,
      quarantineRemovedAfterMs: 5000,
      heartbeat: {
        intervalMs: 1000,
        expectedResponseAfterMs: 1000,
        monitoredBy: 9,
        detector: {
          threshold: 8,
          samplesMax: 1000,
          minStdDeviationMs: 100,
          acceptablePauseMs: 3000,
          firstEstimateMs: 1000,
        },
      },
      splitBrain: { strategy: { name: 'keep-majority' }, stableAfterMs: 20_000 },
    });
  });

  it('read seed nodes in short spellings', () => {
    const { seedNodes } = clusterSettings({ seedNodes: ['akka.tcp://shop@a:1', 'b:2', 'c'] }, self);
    expect(seedNodes.map(addressText)).toEqual([
      'pekko://shop@a:1',
      'pekko://shop@b:2',
      'pekko://shop@c:25520',
    ]);
  });

  it('refuse roles that look like a data center', () => {
    expect(() => clusterSettings({ roles: ['dc-west'] })).toThrow('set dataCenter instead');
    expect(clusterSettings({ roles: ['ctrl'], dataCenter: 'west' }).roles).toEqual([
      'ctrl',
      'dc-west',
    ]);
  });

  it.each(['1', '1.2', '1.2.3', '1.2.3-rc1', '1.2-SNAPSHOT', '20260101', 'abc123'])(
    'take %s for a version',
    (version) => {
      expect(clusterSettings({ appVersion: version }).appVersion).toBe(version);
    },
  );

  it.each([
    'v1.2.3',
    '1.2.3.4',
    '1.0.0-rc.1',
    '',
    'a b',
    '1.0.20261121190530',
    '99999999999.1',
    '1.2147483648-rc1',
  ])('refuse "%s" as a version, which members could not read', (version) => {
    expect(() => clusterSettings({ appVersion: version })).toThrow(`appVersion "${version}"`);
  });

  it('want a quorum for the strategy that has one', () => {
    expect(() => clusterSettings({ splitBrain: { strategy: 'static-quorum' } })).toThrow(
      'quorumSize',
    );
    const { splitBrain } = clusterSettings({
      splitBrain: { strategy: 'static-quorum', quorumSize: 3 },
    });
    expect(splitBrain?.strategy).toEqual({ name: 'static-quorum', quorumSize: 3, role: undefined });
  });

  it.each<[string, string, object]>([
    ['seedNodes "x"', 'a list of addresses', { seedNodes: 'x' }],
    ['seedNodes "5"', 'a list of addresses', { seedNodes: [5] }],
    ['seedNodes "[object Object]"', 'a list of addresses', { seedNodes: [{ host: 'a' }] }],
    ['roles "abc"', 'a list of texts', { roles: 'abc' }],
    ['roles "5"', 'a list of texts', { roles: [5] }],
    ['roles ""', 'a list of texts', { roles: [''] }],
    ['dataCenter ""', 'text that is not empty', { dataCenter: '' }],
    ['membersMin "-1"', 'a whole number of at least 1', { membersMin: -1 }],
    ['membersMin "abc"', 'a whole number of at least 1', { membersMin: 'abc' }],
    ['membersMin "NaN"', 'a whole number of at least 1', { membersMin: Number.NaN }],
    ['membersMinByRole "[object Object]"', 'an object of', { membersMinByRole: { a: 'x' } }],
    ['gossipInterval "0"', 'a duration of at least 1 ms', { gossipInterval: 0 }],
    ['seedNodeTimeout "null"', 'a duration of at least 1 ms', { seedNodeTimeout: null }],
    ['allowWeaklyUp "null"', '"off" or a duration', { allowWeaklyUp: null }],
    [
      'gossipDifferentViewProbability "5"',
      'a number from 0 to 1',
      { gossipDifferentViewProbability: 5 },
    ],
    ['shutdownWhenDown "no"', 'true or false', { shutdownWhenDown: 'no' }],
    ['splitBrain "null"', '"off" or an object', { splitBrain: null }],
    ['splitBrain.downIfAlone "false"', 'true or', { splitBrain: { downIfAlone: 'false' } }],
    ['splitBrain.stableAfter "abc"', 'a duration', { splitBrain: { stableAfter: 'abc' } }],
  ])('refuse %s with what is right: %s', (named, takes, options) => {
    expect(() => clusterSettings(options)).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_OPTION_INVALID',
        message: expect.stringContaining(`Cannot use cluster.${named}: it takes ${takes}`),
      }),
    );
  });

  it.each([
    ['threshold', -1],
    ['threshold', Number.NaN],
    ['samplesMax', 0],
    ['monitoredByMembers', 0],
    ['monitoredByMembers', 1.5],
    ['heartbeatInterval', 0],
    ['minStdDeviation', 0],
    ['acceptableHeartbeatPause', -1],
  ])('refuse a failure detector with %s %d', (name, value) => {
    expect(() => clusterSettings({ failureDetector: { [name]: value } })).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_OPTION_INVALID',
        fields: { option: `failureDetector.${name}`, value },
      }),
    );
  });
});
