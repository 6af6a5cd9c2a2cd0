// The errors of management, by code, and how a request that cannot be taken reaches its answer.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';
import type { FullAnswer } from './protocol.ts';

export const managementErrors = {
  MANAGEMENT_BIND_FAILED: 'The management server cannot listen',
  MANAGEMENT_OPTIONS_INVALID: 'An option of management has a value that cannot work',
  MANAGEMENT_SECRET_UNREADABLE: 'The file of the secret for authentication cannot be read',
  MANAGEMENT_TLS_FILES_INVALID: 'Key or certificates for TLS cannot be used',
  MANAGEMENT_ALREADY_STARTED: 'The actor system has a management server',
} as const;

export type ManagementErrorCode = keyof typeof managementErrors;

export class ManagementError extends ParviError {
  declare readonly code: ManagementErrorCode;

  constructor(code: ManagementErrorCode, message: string, options?: ParviErrorOptions) {
    super(code, message, options);
  }
}

/** Raised while a request is read or answered; the client gets the answer. */
export class RequestRefused extends Error {
  readonly answer: FullAnswer;

  constructor(answer: FullAnswer) {
    super(answer.body);
    this.answer = answer;
  }
}
