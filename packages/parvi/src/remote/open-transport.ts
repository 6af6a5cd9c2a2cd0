// The network that the options of remoting ask for.

import type { ActorSystem } from '../actor/index.ts';
import { readTextFile } from '../config/index.ts';
import type { RemotingOptions } from './options.ts';
import { tcpTransport } from './tcp-transport.ts';
import { TlsFiles } from './tls-files.ts';
import { resolveTlsOptions } from './tls-options.ts';
import { tlsTransport } from './tls-transport.ts';
import type { Transport } from './transport.ts';

/** @throws RemoteError `REMOTE_OPTIONS_INVALID`, `REMOTE_TLS_FILES_INVALID` */
export function openTransport(system: ActorSystem, options: RemotingOptions): Transport {
  const { transport = 'tcp', tls } = options;
  if (typeof transport !== 'string') return transport;
  if (transport === 'tcp') return tcpTransport();
  const { clock, timers } = system.runtime;
  const log = system.log.child({ part: 'remote' });
  return tlsTransport({
    files: new TlsFiles(resolveTlsOptions(tls), { readText: readTextFile, log, clock, timers }),
  });
}
