// What a request has to pass before a route sees it.

import { authenticationRefusal } from './authentication.ts';
import { crossSiteRefusal, hostRefusal } from './host-names.ts';
import type { ManagementOptions } from './options.ts';
import type { Guard } from './router.ts';
import type { Secret } from './secret.ts';

export function managementGuards(
  { allowedHosts = [], authentication }: ManagementOptions,
  listenHost: string,
  secret: Secret | undefined,
): Guard[] {
  const guards: Guard[] = [hostRefusal(listenHost, allowedHosts), crossSiteRefusal];
  if (authentication !== undefined && secret !== undefined) {
    guards.push(authenticationRefusal(authentication, () => secret.value));
  }
  return guards;
}
