// The commands of the repository on the command line: what they take, what they say first, and how they end.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readWords } from '../scripts/command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = {
  sim: 'packages/parvi/test/simulation/run.ts',
  fuzz: 'packages/parvi/test/fuzz/run.ts',
  faults: 'faults/run.ts',
  soak: 'interop/soak.ts',
  chart: 'deploy/chart/run.ts',
  gateway: 'e2e/gateway/run.ts',
  manifests: 'deploy/chart/manifests.ts',
  monitoring: 'deploy/monitoring/run.ts',
  stack: 'deploy/stack/run.ts',
} as const;

/** Runs the command; with `linesMax` nobody reads on after so many lines, as with `head`. */
async function run(
  command: keyof typeof programs,
  words: readonly string[],
  { linesMax = Infinity }: { readonly linesMax?: number } = {},
): Promise<{ code: number | null; out: string; complaints: string }> {
  const child = spawn(process.execPath, [programs[command], ...words], { cwd: root });
  let [out, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.split('\n').length > linesMax) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = Promise.withResolvers<number | null>();
  child.on('error', ended.reject);
  child.on('close', ended.resolve);
  return { code: await ended.promise, out, complaints };
}

describe('the words of a command', () => {
  const options = { seeds: { type: 'string' }, trace: { type: 'boolean' } } as const;

  it('are its options and what is left', () => {
    const words = ['--seeds', '5', 'rest', '--trace'];
    const { values, positionals } = readWords({ options, allowPositionals: true }, words);
    expect({ ...values }).toEqual({ seeds: '5', trace: true });
    expect(positionals).toEqual(['rest']);
  });

  it.each([
    [['--sedes', '5'], 'Cannot read the option "--sedes": it is unknown; did you mean "--seeds"?'],
    [['-x'], 'Cannot read the option "-x": it is unknown; there are --seeds, --trace'],
    [
      ['--zzzzzzzzzz=1'],
      'Cannot read the option "--zzzzzzzzzz": it is unknown; there are --seeds, --trace',
    ],
    [['--seeds'], "Cannot read the options: Option '--seeds <value>' argument missing"],
    [['rest'], /^Cannot read the options: Unexpected argument 'rest'.*$/],
  ])('%j are refused in one line', (words, message) => {
    expect(() => readWords({ options }, words)).toThrow(message);
  });

  it('are refused where there are no options', () => {
    expect(() => readWords({ options: {} }, ['--fast'])).toThrow(
      'Cannot read the option "--fast": it is unknown; there is none',
    );
  });
});

describe('a command', () => {
  it.each(['chart', 'gateway', 'manifests', 'monitoring', 'stack'] as const)(
    '%s says what it takes',
    async (command) => {
      const { code, out, complaints } = await run(command, ['--help']);
      expect([code, complaints]).toEqual([0, '']);
      expect(out).toMatch(new RegExp(`^npm run ${command}\\b`));
    },
    60_000,
  );

  it.each([
    ['sim', '--sedes', '--seeds'],
    ['fuzz', '--second', '--seconds'],
    ['faults', '--lst', '--list'],
    ['soak', '--minute', '--minutes'],
    ['monitoring', '--hosts', '--host'],
  ] as const)(
    '%s refuses %s in one line, with the option that is near',
    async (command, word, near) => {
      expect(await run(command, [word])).toEqual({
        code: 2,
        out: '',
        complaints: `Cannot read the option "${word}": it is unknown; did you mean "${near}"?\n`,
      });
    },
  );

  it('ends without a word when nobody reads on', async () => {
    const words = ['--seed', '42', '--minutes', '1', '--trace'];
    const { code, complaints } = await run('sim', words, { linesMax: 5 });
    expect(complaints).toBe('');
    expect(code).toBe(0);
  });

  it('that fuzzes says first how many targets there are and how long they take', async () => {
    const { out } = await run('fuzz', [
      '--seed',
      '1',
      '--seconds',
      '60',
      '--inputs',
      '128',
      'cbor',
      'json',
    ]);
    expect(out).toMatch(
      /^seed 1; 2 targets, 60 s or 64 inputs each, 2 at a time: at most 61 s with their starts\n/,
    );
    const refused = await run('fuzz', ['--threads', 'none', 'cbor']);
    expect(refused.code).toBe(2);
  });

  it('ends in order when the signal that asks for it comes once more', async () => {
    const program = `
      const { toldToStop } = await import('./scripts/command.ts');
      process.stdin.resume().on('end', () => {
        console.log('stopped');
        process.exit(0);
      });
      const told = toldToStop();
      console.log('ready');
      console.log(await told);`;
    const words = ['--input-type=module', '-e', program];
    const child = spawn(process.execPath, words, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.on('close', (...how) => resolve(how)));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => (await lines.next()).value;
    expect(await line()).toBe('ready');
    child.kill('SIGTERM');
    expect(await line()).toBe('SIGTERM');
    child.kill('SIGTERM');
    child.stdin.end();
    expect([await line(), await ended]).toEqual(['stopped', [0, null]]);
  });
});
