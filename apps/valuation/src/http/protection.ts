// What browsers are told and refused, so that a page of another site can neither frame this one, nor read it, nor make
// it submit jobs. The routes themselves ask for no login: the server listens on loopback unless told otherwise.

import type { FastifyInstance } from 'fastify';
import { RequestError } from './problems.ts';

/** Scripts, styles and data of the page itself only; its icon is a data address. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const protectionHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function useProtection(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(protectionHeaders);
    const { headers } = request;
    // RFC 9112, section 3.2; Node itself would refuse it without a word.
    if (headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw new RequestError('REQUEST_INVALID', 'The header "host" is missing: HTTP/1.1 needs it', {
        fields: { field: 'host' },
      });
    }
    // Following a link from another site to the page is fine; a request that a script or image there makes is not.
    const fromElsewhere = headers['sec-fetch-site'] === 'cross-site';
    if (!fromElsewhere || (headers['sec-fetch-mode'] === 'navigate' && request.url === '/')) return;
    throw new RequestError(
      'REQUEST_CROSS_SITE',
      'A page of another site made this request: only pages of this server may',
      { fields: { field: 'sec-fetch-site' } },
    );
  });
}
