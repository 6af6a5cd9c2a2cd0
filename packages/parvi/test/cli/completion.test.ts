// What shells offer, as Bash itself says it.

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { FakeNode } from './fake-node.ts';

/** What Bash offers for the last of the words, broken at colons as it does. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const node = new FakeNode();
  expect(await node.run('completion', 'bash')).toBe(0);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const program = `${node.out}
COMP_WORDS=(parvi ${quoted}); COMP_CWORD=${words.length}
_parvi; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

it.each([
  ['the commands', [''], ['cluster', 'node', 'config', 'doctor', 'completion', 'help']],
  ['those of a group', ['cluster', ''], ['show', 'leave', 'join', 'watch', 'help']],
  [
    'those behind an option with a value',
    ['--url', 'http', ':', '//x', ':', '7626', 'cluster', ''],
    ['show', 'leave'],
  ],
  ['options', ['cluster', 'leave', '--w'], ['--wait', '--wait-seconds']],
  ['levels of the log', ['node', 'log-level', ''], ['trace', 'info', 'silent']],
  ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['what there is help for', ['help', 'cl'], ['cluster']],
])('offers %s', async (_, words, wanted) => {
  expect(await offered(...words)).toEqual(expect.arrayContaining(wanted));
});

it('offers no commands of the top within a group', async () => {
  expect(await offered('--timeout', '5', 'node', '')).not.toContain('doctor');
});
