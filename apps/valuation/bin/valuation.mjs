#!/usr/bin/env node
// The `valuation` command. TypeScript runs unbuilt, which the pinned Node can and an older one on the PATH cannot.

import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { pinnedNode, runPinned } from '../../../scripts/pinned-node.mjs';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Stripping types from some hundred files costs half a second a start; the cache keeps what was stripped.
  module.enableCompileCache?.();
  // What is loaded at the start stays; the young generation must not grow sixteenfold on it. Workers let it grow later.
  setFlagsFromString('--semi-space-growth-factor=1');
  await import('../src/cli/main.ts');
} else if (existsSync(pinnedNode)) {
  runPinned([main, ...process.argv.slice(2)]);
} else {
  process.stderr.write(
    `valuation needs Node 24 or newer, and this is ${process.version}: run "npm install" in the repository first\n`,
  );
  process.exit(1);
}
