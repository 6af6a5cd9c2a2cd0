// What other nodes may do with selections, and with frames that find a fault here.

import { describe, expect, it, vi } from 'vitest';
import { type ActorRef, SelectedMessage } from '../../src/actor/index.ts';
import { Inbound } from '../../src/remote/inbound.ts';
import {
  type SelectionElement,
  selectionElements,
  selectionMessage,
  type WireMessage,
} from '../../src/wire/index.ts';
import { farRef, listener, pair, pinger, type TestNode, troubles } from './nodes.ts';

const text = { serializerId: 20, manifest: '', bytes: new TextEncoder().encode('hi') };

/** A selection as any program may send it, past the limits of our own sender. */
function rawSelection(elements: readonly SelectionElement[]): WireMessage {
  return selectionMessage({ kind: 'selection', elements, wildcardFanOut: false, message: text });
}

function rootOf(from: TestNode, host: string): ActorRef<unknown> {
  return from.system.resolve(`pekko://sys@${host}:2550/`);
}

const up = (count: number): SelectionElement[] =>
  Array.from({ length: count }, () => ({ kind: 'parent' }) as const);

describe('a selection from another node', () => {
  it('with thousands of elements is a dead letter there, and all goes on', async () => {
    const { network, alpha, beta } = await pair();
    const { ref, heard } = listener(beta.system, 'here');
    const far = farRef(alpha, ref);
    far.tell('before');
    await network.pass(100);
    rootOf(alpha, 'beta').tell(rawSelection([...up(20_000), ...selectionElements('/user/here')]));
    far.tell('after');
    await network.pass(100);
    expect(heard.messages).toEqual(['before', 'after']);
    expect(beta.deadLetters).toMatchObject([
      { reason: 'selectionTooLarge', message: 'hi', cause: { code: 'SELECTION_TOO_LARGE' } },
    ]);
    expect(troubles(beta)).toEqual([]);
  });

  it('of more elements than are followed does not leave the sender', async () => {
    const { network, alpha, beta } = await pair();
    const path = `/user/${'../'.repeat(1000)}user/a`;
    const asked = alpha.system.select(path, beta.remoting.address).resolveOne();
    await expect(asked).rejects.toMatchObject({
      code: 'SELECTION_NOT_FOUND',
      cause: { code: 'ASK_UNDELIVERABLE' },
    });
    await network.pass(100);
    expect(alpha.deadLetters).toMatchObject([{ reason: 'selectionTooLarge' }]);
    expect(beta.deadLetters).toEqual([]);
  });

  it('that carries another selection is refused, so that it opens no closed door', async () => {
    const { network, alpha, beta } = await pair();
    const closed = rawSelection(selectionElements('/system/closed'));
    const { ref, heard } = listener(beta.system, 'here');
    farRef(alpha, ref).tell('before');
    await network.pass(100);
    rootOf(alpha, 'beta').tell(new SelectedMessage([], closed));
    await network.pass(100);
    expect(heard.messages).toEqual(['before']);
    expect(beta.deadLetters).toMatchObject([{ reason: 'notDeserializable' }]);
    expect(beta.remoting.telemetry.refusals('undecodable')).toBe(1);
  });
});

describe('a frame that finds a fault here', () => {
  it('is dropped, counted and said loudly once, and nothing else suffers', async () => {
    const { network, alpha, beta } = await pair();
    const echo = farRef(alpha, beta.system.spawn(pinger, 'echo'));
    const ask = async (): Promise<number> => {
      const answer = echo.ask((replyTo) => ({ type: 'ping', n: 1, replyTo }));
      await network.pass(100);
      return answer;
    };
    expect(await ask()).toBe(2);
    beta.system.deliverSelection = () => {
      throw new RangeError('Maximum call stack size exceeded');
    };
    for (let i = 0; i < 3; i++) alpha.system.select('/user/a', beta.remoting.address).tell(i);
    await network.pass(100);
    expect(await ask()).toBe(2);
    expect(beta.remoting.telemetry.refusals('handlingFailed')).toBe(3);
    const loud = beta.log.lines.filter(({ level }) => level === 'error');
    expect(loud).toHaveLength(1);
    expect(loud[0]?.fields.error).toBeInstanceOf(RangeError);
    expect(beta.deadLetters).toHaveLength(3);
    expect(beta.deadLetters[0]).toMatchObject({
      reason: 'handlingFailed',
      cause: { message: 'Maximum call stack size exceeded' },
    });
  });

  it('may be one of the control stream', async () => {
    const { network, alpha, beta } = await pair();
    const echo = farRef(alpha, beta.system.spawn(pinger, 'echo'));
    const { heard } = listener(alpha.system, 'watcher', [echo]);
    beta.system.resolve = () => {
      throw new RangeError('no stack left');
    };
    await network.pass(1000);
    expect(beta.remoting.telemetry.refusals('handlingFailed')).toBeGreaterThan(0);
    expect(heard.terminated).toEqual([]);
    expect(beta.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('or by a connection costs that connection, which is dialled anew', async () => {
    const { network, alpha, beta } = await pair();
    const { ref, heard } = listener(beta.system, 'here');
    const far = farRef(alpha, ref);
    far.tell('before');
    await network.pass(100);
    const fault = vi.spyOn(Inbound.prototype, 'takeOverload').mockImplementationOnce(() => {
      throw new RangeError('no stack left');
    });
    far.tell('with the fault');
    await network.pass(100);
    fault.mockRestore();
    await network.pass(2000);
    far.tell('after');
    await network.pass(2000);
    expect(heard.messages).toEqual(['before', 'with the fault', 'after']);
    expect(beta.remoting.telemetry.refusals('handlingFailed')).toBe(1);
    const loud = beta.log.lines.filter(({ level }) => level === 'error');
    expect(loud).toMatchObject([{ fields: { cause: 'handlingFailed' } }]);
  });
});
