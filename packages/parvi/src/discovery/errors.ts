// Errors of this layer. Codes are stable; the catalogue is compared with the error reference.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export class DiscoveryError extends ParviError {
  constructor(code: DiscoveryErrorCode, message: string, options: ParviErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Every code this layer raises, with what to do about it. */
export const discoveryErrorCodes = {
  DISCOVERY_OPTION_INVALID: 'An option has no usable value; the message names it',
  DISCOVERY_TIMEOUT: 'A lookup took longer than it may: see whether what is asked can be reached',
  DISCOVERY_DNS_FAILED: 'No name server gave a usable answer: the message says what each said',
  DISCOVERY_DNS_UNCONFIGURED: 'No name server is known: set discovery.dns.servers',
  DISCOVERY_KUBERNETES_FAILED: 'The Kubernetes API could not be asked for the pods; see the cause',
  DISCOVERY_KUBERNETES_ANSWER_INVALID:
    'What the Kubernetes API answered is no list of pods: see who answers there',
  DISCOVERY_ALL_FAILED: 'None of several methods found anything, and at least one failed',
} as const satisfies Record<string, string>;

export type DiscoveryErrorCode = keyof typeof discoveryErrorCodes;
