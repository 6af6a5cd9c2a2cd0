// The section `management` of a node's configuration.

import { z } from 'zod';
import { duration, port } from './config/index.ts';
import type { AuthenticationOptions, ManagementOptions } from './management/index.ts';
import { given } from './start-options.ts';

const path = () => z.string().regex(/^[^?#\s]*$/);
const file = () => z.string().min(1).optional();

const healthPaths = z
  .object({
    startup: path()
      .default('startup')
      .describe('Path of the answer whether the process has come up'),
    ready: path().default('ready').describe('Path of the answer whether it may be sent work'),
    alive: path().default('alive').describe('Path of the answer whether it must be restarted'),
  })
  .describe(
    'Where orchestrators ask, below the base path; several segments are fine: health/ready',
  );

const authentication = z
  .object({
    scheme: z
      .enum(['none', 'basic', 'bearer'])
      .default('none')
      .describe('What callers send: nothing, a name and a password, or a token'),
    user: z
      .string()
      .regex(/^[^:]+$/)
      .default('parvi')
      .describe('Name that belongs to the password of basic'),
    secret: z
      .string()
      .min(1)
      .optional()
      .describe('The password or token itself; better kept in a file')
      .meta({ secret: true }),
    secretFile: file().describe(
      'File that holds the password or token, read again when it changes',
    ),
    health: z
      .boolean()
      .default(false)
      .describe('Whether health routes ask too; orchestrators send nothing'),
    bootstrap: z
      .boolean()
      .default(false)
      .describe('Whether /bootstrap/seed-nodes asks too; bootstrapping JVM nodes send nothing'),
  })
  .describe('Who may call management');

const tls = z
  .object({
    keyFile: file().describe(
      'File of the private key, PEM, not encrypted; with certFile it serves HTTPS',
    ),
    certFile: file().describe(
      'File of its certificate, PEM, followed by those up to the authority',
    ),
    clientCaFile: file().describe(
      'File of the authorities that vouch for clients; with it each must show a certificate',
    ),
  })
  .describe('TLS of management; the files are read again when they change');

const limits = z
  .object({
    connectionsMax: z
      .int()
      .min(1)
      .default(256)
      .describe('Connections at once; a further one takes the place of one that asks nothing'),
    headerBytesMax: z.int().min(1024).default(16_384).describe('Bytes of the headers of a request'),
    bodyBytesMax: z.int().min(1).default(65_536).describe('Bytes of the body of a request'),
    headersTimeout: duration({ minMs: 1 })
      .default(5_000)
      .describe('How long the headers of a request may take'),
    requestTimeout: duration({ minMs: 1 })
      .default(30_000)
      .describe('How long a whole request may take to arrive'),
    idleTimeout: duration({ minMs: 1 })
      .default(60_000)
      .describe('How long a connection may be silent'),
    eventStreamsMax: z.int().min(0).default(32).describe('Clients that follow events at once'),
  })
  .describe('What clients of management may use');

export const managementSection = z
  .object({
    enabled: z.boolean().default(false).describe('Serve health, members, metrics over HTTP'),
    host: z
      .string()
      .min(1)
      .optional()
      .describe('Host by which others reach it; default that of remoting'),
    port: port({ free: true })
      .default(7626)
      .describe('Port by which others reach it; 0 takes any free one'),
    bindHost: z
      .string()
      .min(1)
      .optional()
      .describe('Address to listen on when it is another than host, as in containers'),
    bindPort: port({ free: true })
      .optional()
      .describe('Port to listen on when it is another than port'),
    basePath: path().default('').describe('Prefix of all routes, such as ops/management'),
    writes: z
      .boolean()
      .default(false)
      .describe('Serve the routes that change something: join, leave, down, log level'),
    readyWhenWeaklyUp: z
      .boolean()
      .default(true)
      .describe('Whether a member that is WeaklyUp is ready'),
    allowedHosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Names by which requests may call it, besides addresses and localhost; none: on loopback no other name is taken, elsewhere any; health and bootstrap answer to all',
      ),
    reloadInterval: duration({ minMs: 1 })
      .default(60_000)
      .describe('How often the files of secret and TLS are read again'),
    healthPaths,
    authentication,
    tls,
    limits,
  })
  .describe('Management of a node over HTTP, with the routes of Pekko Management');

/** Options of management from a node's configuration; nothing when it is not to be served. */
export function managementOptionsOf({
  management,
}: {
  readonly management: z.output<typeof managementSection>;
}): ManagementOptions | undefined {
  const {
    enabled,
    host,
    bindHost,
    bindPort,
    authentication: asked,
    tls: files,
    ...rest
  } = management;
  if (!enabled) return undefined;
  const { keyFile = '', certFile = '', clientCaFile } = files;
  const wantsTls = keyFile !== '' || certFile !== '' || clientCaFile !== undefined;
  return {
    ...rest,
    ...given({ host, bindHost, bindPort }),
    ...given({ authentication: authenticationOf(asked) }),
    ...(wantsTls ? { tls: { keyFile, certFile, ...given({ clientCaFile }) } } : {}),
  };
}

/** A secret without a scheme would ask nobody: it is handed on with `none`, which the check of the options refuses. */
function authenticationOf(
  asked: z.output<typeof authentication>,
): AuthenticationOptions | undefined {
  const { scheme, secret, secretFile } = asked;
  if (scheme === 'none' && secret === undefined && secretFile === undefined) return undefined;
  return given(asked) as AuthenticationOptions;
}
