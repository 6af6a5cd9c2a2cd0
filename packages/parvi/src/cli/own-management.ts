// Where the management server of the node beside a command is.

import type { EnvironmentRecord } from '../config/index.ts';
import { bareHost, urlHost } from '../runtime/index.ts';

/** Inside the container of a node, its own options say where it listens; without them it is where nodes do by default. */
export function ownManagementUrl(environment: EnvironmentRecord): string {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const own = (name: string): string | undefined => set(`PARVI_MANAGEMENT_${name}`);
  const host = own('BIND_HOST') ?? own('HOST') ?? set('PARVI_REMOTE_HOST') ?? '127.0.0.1';
  const port = own('BIND_PORT') ?? own('PORT') ?? '7626';
  const scheme = own('TLS_KEY_FILE') === undefined ? 'http' : 'https';
  const basePath = (own('BASE_PATH') ?? '').replace(/^\/+|\/+$/g, '').replace(/^./, '/$&');
  return `${scheme}://${urlHost(dialled(bareHost(host)))}:${port}${basePath}`;
}

/** Who listens at every address is asked at that of this machine. */
function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
