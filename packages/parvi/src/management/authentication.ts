// Who may call: a name and a password, or a token, compared in constant time. Answers are those of pekko-http.

import { createHash, timingSafeEqual } from 'node:crypto';
import { textAnswer } from './answers.ts';
import type { AuthenticationOptions } from './options.ts';
import type { FullAnswer, ManagementRequest, RouteGroup } from './protocol.ts';

const userDefault = 'parvi';
const absent = 'The resource requires authentication, which was not supplied with the request';
const wrong = 'The supplied authentication is invalid';

/** @param secret asked for each request, since its file may change */
export function authenticationRefusal(
  options: AuthenticationOptions,
  secret: () => string,
): (request: ManagementRequest, group: RouteGroup) => FullAnswer | undefined {
  const { scheme, user = userDefault, health = false, bootstrap = false } = options;
  const isOpen = (group: RouteGroup): boolean =>
    (group === 'health' && !health) || (group === 'bootstrap' && !bootstrap);
  const challenge = `${scheme === 'basic' ? 'Basic' : 'Bearer'} realm="secured"`;
  const refuse = (text: string): FullAnswer =>
    textAnswer(401, text, { 'www-authenticate': challenge });
  return ({ headers }, group) => {
    if (isOpen(group)) return undefined;
    const given = credentialsOf(headers.authorization, scheme);
    if (given === undefined) return refuse(absent);
    const expected = scheme === 'basic' ? `${user}:${secret()}` : secret();
    return sameText(given, expected) ? undefined : refuse(wrong);
  };
}

function credentialsOf(header: string | undefined, scheme: 'basic' | 'bearer'): string | undefined {
  const [, named = '', value = ''] = /^([a-z]+) +(\S+)$/i.exec(header ?? '') ?? [];
  if (named.toLowerCase() !== scheme) return undefined;
  return scheme === 'bearer' ? value : Buffer.from(value, 'base64').toString();
}

/** Hashes are of one length, so that nothing is told about that of the secret either. */
function sameText(one: string, other: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}
