// What Pekko nodes send to features that this toolkit does not have, as recorded from a cluster with a receptionist.

import { describe, expect, it } from 'vitest';
import { actor } from '../../src/actor/index.ts';
import { EnvelopeWriter, HeaderText, noText, streamIds } from '../../src/wire/index.ts';
import { farRef, listener, pair, strangerAt, type TestNode, troubles } from './nodes.ts';

/** A frame of a peer that has introduced itself, for `path` of `to`, with a serializer that nobody here knows. */
function foreignFrame(from: TestNode, to: TestNode, path: string): Uint8Array {
  const writer = new EnvelopeWriter({ uid: from.remoting.uid, stream: streamIds.ordinary });
  const { system, host, port } = to.remoting.address;
  const recipient = new HeaderText(`pekko://${system}@${host}:${port}${path}`);
  writer.begin(12, noText, recipient, new HeaderText('E')).raw(Uint8Array.of(1, 2, 3));
  writer.end();
  return Uint8Array.from(writer.take()?.filled ?? []);
}

async function gossiped(paths: readonly string[], times: number) {
  const world = await pair();
  const { network, alpha, beta } = world;
  farRef(beta, listener(alpha.system, 'here').ref).tell('hello');
  await network.pass(100);
  const link = strangerAt(network, () => undefined);
  await network.pass(0);
  link.write(Buffer.from('AKKA\x02'));
  for (let i = 0; i < times; i++) {
    for (const path of paths) link.write(foreignFrame(beta, alpha, path));
    await network.pass(10);
  }
  const said = alpha.log.lines.filter(({ level }) => level !== 'debug').slice(1);
  return { ...world, said, link };
}

describe('gossip of features that only Pekko nodes have', () => {
  it('is said once for each feature, then counted, and makes no dead letters', async () => {
    const paths = ['/system/ddataReplicator', '/system/clusterReceptionist/replicator#17'];
    const { alpha, said } = await gossiped(paths, 50);
    expect(said.map(({ level, fields }) => [level, fields.feature])).toEqual([
      ['info', 'distributed data'],
      ['info', 'receptionist'],
    ]);
    expect(alpha.remoting.telemetry.refusals('absentFeature')).toBe(100);
    expect(alpha.deadLetters).toEqual([]);
    expect(troubles(alpha)).toEqual([]);
  });

  it('is a dead letter like any other at paths that are nobody of Pekko', async () => {
    const { alpha } = await gossiped(['/system/mine', '/user/ddataReplicator'], 3);
    expect(alpha.system.deadLetters.count('notDeserializable')).toBe(6);
    expect(troubles(alpha)).toHaveLength(1);
  });

  it('is heard when the feature is here', async () => {
    const { network, alpha, beta, link } = await gossiped([], 0);
    const heard: unknown[] = [];
    const own = actor<unknown>(() => ({ onMessage: (message) => void heard.push(message) }));
    alpha.system.spawnSystem(own, 'ddataReplicator');
    alpha.remoting.openSystemPath('/system/ddataReplicator');
    beta.system.select('pekko://sys@alpha:2550/system/ddataReplicator').tell('mine');
    link.write(foreignFrame(beta, alpha, '/system/ddataReplicator'));
    await network.pass(100);
    expect(heard).toEqual(['mine']);
    expect(alpha.system.deadLetters.count('notDeserializable')).toBe(1);
  });

  it('by selection, in a message that can be read, is no dead letter either', async () => {
    const { network, alpha, beta } = await gossiped([], 0);
    beta.system.select('pekko://sys@alpha:2550/system/distributedPubSubMediator').tell('news');
    beta.system.resolve('pekko://sys@alpha:2550/system/sharding/Counter#3').tell('direct');
    await network.pass(100);
    expect(alpha.remoting.telemetry.refusals('absentFeature')).toBe(2);
    expect(alpha.deadLetters).toEqual([]);
  });
});

describe('dead letters of selections', () => {
  it('name the whole path, at the sender and at the receiver', async () => {
    const { network, alpha, beta } = await pair();
    const closed = actor<unknown>(() => ({ onMessage: () => undefined }));
    beta.system.spawnSystem(closed, 'closed');
    alpha.system.select('pekko://sys@beta:2550/system/closed').tell('refused there');
    alpha.system.select('pekko://sys@beta:2550/user/big').tell('x'.repeat(300_000));
    alpha.system.select('pekko://sys@gone:2550/user/*/x').tell('never sent');
    await network.pass(25_000);
    const recipients = (node: TestNode): string[] => node.deadLetters.map((l) => l.recipient);
    expect(recipients(beta)).toEqual(['pekko://sys@beta:2550/system/closed']);
    expect(recipients(alpha)).toEqual([
      'pekko://sys@beta:2550/user/big',
      'pekko://sys@gone:2550/user/*/x',
    ]);
  });
});
