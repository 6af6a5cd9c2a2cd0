// Entry of the `valuation` command: the process's own streams, and its exit code.

import { setTimeout as pause } from 'node:timers/promises';
import { exitCodes } from './exit-codes.ts';
import { runCommand } from './program.ts';

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), {
  out: process.stdout,
  error: process.stderr,
  input: process.stdin,
  environment: process.env,
  pause: (ms) => pause(ms),
});
