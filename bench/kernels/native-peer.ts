// Builds the native side when its source is newer than the program, starts it and asks it questions, one line each.

import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = join(import.meta.dirname, 'target');
const source = join(import.meta.dirname, 'native', 'peer.cpp');
const program = join(folder, 'peer');

export interface NativePeer {
  /** What the program calls itself, such as `QuantLib 1.29`. */
  readonly version: string;
  /** Nanoseconds a trade over `passes` passes. */
  time(what: string, passes: number): Promise<number>;
  /** Values of all trades, one after another. */
  values(what: string): Promise<Float64Array>;
  stop(): void;
}

/** The native side with the given trades loaded. */
export async function startNativePeer(trades: string): Promise<NativePeer> {
  mkdirSync(folder, { recursive: true });
  installLibrary();
  build();
  const input = join(folder, 'trades.txt');
  writeFileSync(input, trades);
  const child = spawn(program, [input], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ask = asker(child);
  const version = (await ask.next()).replace(/^ready /, '');
  return {
    version,
    time: async (what, passes) => Number(await ask.question(`time ${what} ${passes}`)),
    values: async (what) => {
      const line = await ask.question(`values ${what} 0`);
      return Float64Array.from(line.trim().split(' '), Number);
    },
    stop: () => child.stdin.end(),
  };
}

function installLibrary(): void {
  if (existsSync('/usr/include/ql/quantlib.hpp')) return;
  console.error('Installing libquantlib0-dev and g++ with apt-get');
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', 'libquantlib0-dev', 'g++'], {
      stdio: 'inherit',
    });
  } catch (cause) {
    throw new Error(
      'Cannot install QuantLib: run "apt-get update && apt-get install libquantlib0-dev g++" as root',
      { cause },
    );
  }
}

function build(): void {
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return;
  console.error('Building the native side');
  execFileSync('g++', ['-std=c++17', '-O2', source, '-lQuantLib', '-o', program], {
    stdio: 'inherit',
  });
}

function asker(child: ChildProcessWithoutNullStreams) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The native side ended: ${complaint.trim()}`);
    return value;
  };
  return {
    next,
    question: (text: string): Promise<string> => {
      child.stdin.write(`${text}\n`);
      return next();
    },
  };
}
