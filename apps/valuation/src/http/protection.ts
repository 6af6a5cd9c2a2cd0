// What browsers are told and refused, so that a page of another site can neither frame this one, nor read it, nor make
// it submit jobs. The routes themselves ask for no login: the server listens on loopback unless told otherwise.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hostNameOf, isAllowedHost, originHostOf } from './host-names.ts';
import { RequestError } from './problems.ts';

/** How much of a name is repeated in a refusal. */
const hostCharsMax = 100;

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

/** @param hostNames names by which the server may be called besides its addresses; undefined: by any */
export function useProtection(
  server: FastifyInstance,
  hostNames: readonly string[] | undefined,
): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(protectionHeaders);
    const { headers } = request;
    // RFC 9112, section 3.2; Node itself would refuse it without a word.
    if (headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw new RequestError('REQUEST_INVALID', 'The header "host" is missing: HTTP/1.1 needs it', {
        fields: { field: 'host' },
      });
    }
    if (hostsOf(request.raw.rawHeaders) > 1) {
      throw new RequestError('REQUEST_INVALID', 'There is more than one header "host": send one', {
        fields: { field: 'host' },
      });
    }
    refuseHost(headers.host, hostNames);
    // Following a link from another site to the page is fine; a request that a script or image there makes is not.
    const site = headers['sec-fetch-site'];
    if (site === 'cross-site') {
      if (headers['sec-fetch-mode'] === 'navigate' && request.url === '/') return;
      throw crossSite('sec-fetch-site');
    }
    // Browsers leave that header out where they do not trust the line. `Origin` is less plain: a gateway may have
    // changed the host that it is compared with.
    if (site === undefined && makesSomething(request) && !isOwnOrigin(request, hostNames ?? [])) {
      throw crossSite('origin');
    }
  });
}

/** How often the header is there; Node keeps the first only. */
const hostsOf = (namesAndValues: readonly string[]): number =>
  namesAndValues.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'host').length;

function refuseHost(host: string | undefined, hostNames: readonly string[] | undefined): void {
  if (host === undefined || hostNames === undefined || isAllowedHost(host, hostNames)) return;
  throw new RequestError(
    'REQUEST_HOST_UNKNOWN',
    `This controller is not called "${host.slice(0, hostCharsMax)}": call it by its address or as localhost, or allow the name with --http.allowed-hosts`,
    { fields: { field: 'host' } },
  );
}

/** `/valQuery` submits a job though it is a GET. */
const makesSomething = ({ method, routeOptions }: FastifyRequest): boolean =>
  (method !== 'GET' && method !== 'HEAD') || routeOptions.url === '/valQuery';

/** As with sites, scheme and port do not matter. Clients that are no browsers name no origin. */
function isOwnOrigin({ headers }: FastifyRequest, hostNames: readonly string[]): boolean {
  if (headers.origin === undefined) return true;
  const origin = originHostOf(headers.origin);
  if (origin === undefined) return false;
  const forwarded = String(headers['x-forwarded-host'] ?? '').split(',')[0] ?? '';
  const own = [headers.host ?? '', forwarded.trim()].map(hostNameOf);
  return own.includes(origin) || hostNames.includes(origin);
}

const crossSite = (field: string): RequestError =>
  new RequestError(
    'REQUEST_CROSS_SITE',
    'A page of another site made this request: only pages of this server may',
    { fields: { field } },
  );
