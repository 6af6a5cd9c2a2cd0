#!/usr/bin/env node
// The `parvi` command of a checkout: its TypeScript runs unbuilt, which the pinned Node can and an older one on the PATH
// cannot. The published package has its own, of what was built.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

const command = new URL('../src/parvi-command.ts', import.meta.url);
const pinned = fileURLToPath(new URL('../../../node_modules/node/bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Named in no import: an older Node does not have it, and must come as far as the pinned one.
  module.enableCompileCache?.();
  await import(command.href);
} else if (existsSync(pinned)) {
  const words = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(pinned, words, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
} else {
  process.stderr.write(
    `parvi needs Node 24 or newer here, and this is ${process.version}: run "npm install" in the repository first\n`,
  );
  process.exit(1);
}
