// Uploads: bytes of JSON, NDJSON or CSV become checked trades.

export { BatchBuilder, kindOf } from './batch-builder.ts';
export { type IntakeFormat, intakeFormats, openIntake } from './intake.ts';
export { IntakePool, type Upload } from './intake-pool.ts';
export { mistakePlace } from './json-mistake.ts';
export {
  type IntakeBatch,
  IntakeError,
  type IntakeFailureCode,
  intakeFailureCodes,
  type RowProblem,
} from './row-problem.ts';
