// Entry of the `valuation` command: the process's own streams, and its exit code.

import { setTimeout as pause } from 'node:timers/promises';
import { exitCodes } from './exit-codes.ts';
import { runCommand } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  process.stderr.write(`valuation: Cannot write to standard output: ${error.message}\n`);
  process.exit(exitCodes.failed);
});
// There is nowhere left to say it.
process.stderr.on('error', () => undefined);

process.exitCode = await runCommand(process.argv.slice(2), {
  out: process.stdout,
  error: process.stderr,
  input: process.stdin,
  environment: process.env,
  pause: (ms) => pause(ms),
});
