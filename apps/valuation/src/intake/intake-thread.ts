// What an intake thread runs: reads uploads for the controller and posts checked batches back.

import { parentPort } from 'node:worker_threads';
import { type Intake, openIntake } from './intake.ts';
import type { FromThread, ToThread } from './intake-messages.ts';
import { IntakeError } from './row-problem.ts';

const uploads = new Map<number, Intake>();

function post(message: FromThread): void {
  const transfer = message.kind === 'batch' ? [message.batch.lines.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(message, transfer);
}

async function handle(message: ToThread): Promise<void> {
  if (message.kind === 'open') {
    uploads.set(message.upload, openIntake(message.format));
    return;
  }
  const intake = uploads.get(message.upload);
  if (intake === undefined) return;
  if (message.kind === 'close') {
    uploads.delete(message.upload);
    return;
  }
  try {
    const batch = await (message.kind === 'chunk' ? intake.push(message.bytes) : intake.end());
    const ended = message.kind === 'end';
    if (ended) uploads.delete(message.upload);
    post({ kind: 'batch', upload: message.upload, batch, fields: intake.fields, ended });
  } catch (error) {
    uploads.delete(message.upload);
    const known = error instanceof IntakeError ? error : undefined;
    post({
      kind: 'failed',
      upload: message.upload,
      code: known?.code,
      message: (error as Error).message,
      row: known?.row,
    });
  }
}

parentPort?.on('message', (message: ToThread) => void handle(message));
