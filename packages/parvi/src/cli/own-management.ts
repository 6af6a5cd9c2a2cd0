// Where the management server of the node beside a command is.

import type { EnvironmentRecord } from '../config/index.ts';
import { bareHost, urlHost, variableText } from '../runtime/index.ts';

/** Inside the container of a node, its own options say where it listens; without them it is where nodes do by default. */
export function ownManagementUrl(environment: EnvironmentRecord): string {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => variableText(environment, name)).find((text) => text !== undefined);
  const own = (name: string): string | undefined => first(`PARVI_MANAGEMENT_${name}`);
  const host = own('BIND_HOST') ?? own('HOST') ?? first(...remoteHosts) ?? '127.0.0.1';
  const port = own('BIND_PORT') ?? own('PORT') ?? '7626';
  const scheme = own('TLS_KEY_FILE') === undefined ? 'http' : 'https';
  const basePath = (own('BASE_PATH') ?? '').replace(/^\/+|\/+$/g, '').replace(/^./, '/$&');
  return `${scheme}://${urlHost(dialled(bareHost(host)))}:${port}${basePath}`;
}

/** Management without a host of its own listens where remoting does; the last two are other names of remote.host. */
const remoteHosts = ['PARVI_REMOTE_BIND_HOST', 'PARVI_REMOTE_HOST', 'HOST_NAME', 'CLUSTER_IP'];

/** Who listens at every address is asked at that of this machine. */
function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
