// The entries of commands on a Node that is too old to run them itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parviVersion } from '../../src/runtime/index.ts';

/** Makes this Node one of version 20, which has no `enableCompileCache`. */
const aged = `
  import { registerHooks } from 'node:module';
  const old = { ...process.versions, node: '20.20.2' };
  Object.defineProperty(process, 'versions', { value: old });
  const url = 'data:text/javascript,export const isBuiltin = () => true;';
  registerHooks({
    resolve: (name, context, next) =>
      name === 'node:module' ? { url, shortCircuit: true } : next(name, context),
  });
`;

it('hands over to the pinned Node', async () => {
  const program = fileURLToPath(new URL('../../bin/parvi.mjs', import.meta.url));
  const hooks = `data:text/javascript,${encodeURIComponent(aged)}`;
  const child = spawn(process.execPath, ['--import', hooks, program, '--version']);
  const texts = { out: '', error: '' };
  child.stdout.on('data', (bytes) => {
    texts.out += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    texts.error += String(bytes);
  });
  const [code] = await once(child, 'close');
  expect({ code, ...texts }).toEqual({ code: 0, out: `${parviVersion}\n`, error: '' });
});
