import { describe, expect, it } from 'vitest';
import { MemoryNetwork } from '../remote/index.ts';
import { ManualTime } from './manual-time.ts';
import { ProcessGate } from './process-gate.ts';

function gated() {
  const time = new ManualTime();
  const gate = new ProcessGate(time.runtime());
  const happened: string[] = [];
  const keep = (what: string) => () => void happened.push(what);
  return { time, gate, happened, keep, ...gate.runtime };
}

describe('a process behind a gate', () => {
  it('catches up in order after a pause, and then is on time again', () => {
    const { time, gate, happened, keep, timers, turns } = gated();
    gate.pause();
    timers.after(20, keep('second'));
    timers.after(10, keep('first'));
    time.advance(30);
    turns.soon(keep('third'));
    time.settle();
    expect(happened).toEqual([]);
    gate.resume();
    expect(happened).toEqual(['first', 'second', 'third']);
    timers.after(5, keep('later'));
    time.advance(5);
    expect(happened.at(-1)).toBe('later');
  });

  it('is late with what repeats once, however long the pause was', () => {
    const { time, gate, happened, keep, timers } = gated();
    timers.every(10, keep('tick'));
    gate.pause();
    time.advance(1000);
    gate.resume();
    expect(happened).toEqual(['tick']);
    time.advance(20);
    expect(happened).toEqual(['tick', 'tick', 'tick']);
  });

  it('leaves out a timer that is cancelled by what came before it in the same pause', () => {
    const { time, gate, happened, keep, timers } = gated();
    const cancelled = timers.after(20, keep('cancelled'));
    timers.after(10, () => cancelled.cancel());
    gate.pause();
    time.advance(30);
    gate.resume();
    time.advance(30);
    expect(happened).toEqual([]);
  });

  it('does nothing any more once it has ended, not even what it had put off', () => {
    const { time, gate, happened, keep, timers, turns } = gated();
    gate.pause();
    timers.every(10, keep('tick'));
    time.advance(10);
    gate.end();
    gate.resume();
    turns.later(keep('turn'));
    time.advance(100);
    expect(happened).toEqual([]);
  });

  it('hears after a pause what came meanwhile, and nothing more of a link once it has closed it', async () => {
    const { time, gate, happened } = gated();
    const runtime = time.runtime();
    const network = new MemoryNetwork({ runtime, random: runtime.random });
    await gate.transport(network.transport('here')).listen({
      host: 'here',
      port: 1,
      onLink: (link) => ({
        onData: (chunk) => {
          happened.push(Buffer.from(chunk).toString());
          link.close();
        },
        onClose: () => happened.push('closed'),
      }),
    });
    gate.pause();
    const told = { onOpen: () => undefined, onDrain: () => undefined };
    const link = network
      .transport('there')
      .dial(
        { host: 'here', port: 1, timeoutMs: 100 },
        { ...told, onClose: () => happened.push('reset') },
      );
    time.advance(1);
    link.write(Buffer.from('first'));
    time.advance(1);
    link.write(Buffer.from('second'));
    time.advance(1);
    expect(happened).toEqual([]);
    gate.resume();
    time.advance(1);
    expect(happened).toEqual(['first', 'reset']);
  });
});
