import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { residentReader, systemProcess } from './process.ts';

const moduleHere = (path: string): string => new URL(path, import.meta.url).href;

const cancels: (() => void)[] = [];
const listen = (callback: () => void): (() => void) => {
  const { cancel } = systemProcess.onSignal('SIGTERM', callback);
  cancels.push(cancel);
  return cancel;
};

afterEach(() => {
  for (const cancel of cancels.splice(0)) cancel();
});

describe('signals of the process', () => {
  it('reach every handler through one listener, however many nodes the process has', () => {
    const before = process.listenerCount('SIGTERM');
    const seen: number[] = [];
    for (let i = 0; i < 20; i++) listen(() => seen.push(i));
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('end the process by themselves again once the last handler is cancelled', () => {
    const before = process.listenerCount('SIGTERM');
    const seen: string[] = [];
    const cancel = listen(() => seen.push('first'));
    listen(() => seen.push('second'));
    cancel();
    cancel();
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(['second']);
    for (const each of cancels) each();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

describe('the end of the process', () => {
  it('waits for the reader of its log lines, which gets all of them whole', async () => {
    const lines = 30_000;
    const program = `
      import { writeSync } from 'node:fs';
      import { openLineOutput } from ${JSON.stringify(moduleHere('./line-output.ts'))};
      import { systemProcess } from ${JSON.stringify(moduleHere('./process.ts'))};
      const output = openLineOutput(1, { droppedText: (n) => n + ' dropped' });
      for (let i = 0; i < ${lines}; i++) {
        output.write(String(i).padStart(99, '.') + '\\n');
        if (i % 1000 === 0) await new Promise(setImmediate);
      }
      writeSync(2, 'ends');
      systemProcess.exit(7);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
    const ended = once(child, 'close');
    await once(child.stderr, 'data');
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    const heard = Buffer.concat(chunks).toString().trimEnd().split('\n');
    expect(heard).toEqual(Array.from({ length: lines }, (_, i) => String(i).padStart(99, '.')));
    expect(await ended).toEqual([7, null]);
  });
});

describe('memory of the process', () => {
  it('is what it was last when the system does not tell, as without a free file descriptor', () => {
    const answers: (number | Error)[] = [100, new Error('EMFILE'), 120];
    const read = residentReader(() => {
      const answer = answers.shift() ?? 0;
      if (typeof answer === 'number') return answer;
      throw answer;
    });
    expect([read(), read(), read()]).toEqual([100, 100, 120]);
  });

  it('is more than nothing for this process', () => {
    expect(systemProcess.residentBytes()).toBeGreaterThan(1e7);
  });
});
