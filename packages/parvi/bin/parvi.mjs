#!/usr/bin/env node
// The `parvi` command of a checkout: its TypeScript runs unbuilt, which the pinned Node can and an older one on the PATH
// cannot. The published package has its own, of what was built.

import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import { pinnedNode, runPinned } from '../../../scripts/pinned-node.mjs';

const command = new URL('../src/parvi-command.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Named in no import: an older Node does not have it, and must come as far as the pinned one.
  module.enableCompileCache?.();
  await import(command.href);
} else if (existsSync(pinnedNode)) {
  runPinned([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
} else {
  process.stderr.write(
    `parvi needs Node 24 or newer here, and this is ${process.version}: run "npm install" in the repository first\n`,
  );
  process.exit(1);
}
