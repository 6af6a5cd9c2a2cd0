// The network that the options of remoting ask for.

import type { ActorSystem } from '../actor/index.ts';
import { readSecretFile } from '../config/index.ts';
import type { RemotingOptions } from './options.ts';
import { tcpTransport } from './tcp-transport.ts';
import type { Transport } from './transport.ts';

/**
 * A promise only for TLS: what it takes is memory that a node without it need not hold.
 *
 * @throws RemoteError `REMOTE_OPTIONS_INVALID`, `REMOTE_TLS_FILES_INVALID`, as a rejection
 */
export function openTransport(
  system: ActorSystem,
  options: RemotingOptions,
): Transport | Promise<Transport> {
  const { transport = 'tcp' } = options;
  if (typeof transport !== 'string') return transport;
  return transport === 'tcp' ? tcpTransport() : openTls(system, options);
}

async function openTls(system: ActorSystem, { tls, host }: RemotingOptions): Promise<Transport> {
  const { resolveTlsOptions } = await import('./tls-options.ts');
  const { TlsFiles } = await import('./tls-files.ts');
  const { tlsTransport } = await import('./tls-transport.ts');
  const { clock, timers } = system.runtime;
  const log = system.log.child({ part: 'remote' });
  return tlsTransport({
    files: new TlsFiles(resolveTlsOptions(tls), {
      readText: readSecretFile,
      log,
      clock,
      timers,
      host,
    }),
  });
}
