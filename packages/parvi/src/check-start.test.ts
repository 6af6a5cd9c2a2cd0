// What is refused before anything is started, as configurations have it.

import { describe, expect, it } from 'vitest';
import { checkStart } from './check-start.ts';
import { loadConfig, parseFlags } from './config/index.ts';
import { nodeSchema, startOptionsOf } from './node-options.ts';
import { isOptionError } from './runtime/index.ts';

const check = (...words: readonly string[]): Promise<void> =>
  checkStart(startOptionsOf(loadConfig(nodeSchema, { flags: parseFlags(words) }).values));

describe('options of a node', () => {
  it.each([
    [[]],
    [['--cluster.split-brain.strategy', 'static-quorum', '--cluster.split-brain.quorum-size', '2']],
    [['--cluster.split-brain.strategy', 'lease-majority']],
    [['--cluster.split-brain.strategy', 'off']],
    [
      [
        ...['--management.enabled', '--management.authentication.scheme', 'bearer'],
        ...['--management.authentication.secret', 'abc'],
        ...['--bootstrap.enabled', '--discovery.config.endpoints', '10.0.0.1,10.0.0.2'],
      ],
    ],
  ])('are let through: %j', async (words) => {
    await expect(check(...words)).resolves.toBeUndefined();
  });

  it.each([
    [
      ['--cluster.split-brain.strategy', 'static-quorum'],
      'Cannot use cluster.splitBrain.quorumSize, which is not set: the static-quorum strategy needs',
    ],
    [
      ['--management.enabled', '--management.authentication.scheme', 'bearer'],
      'Cannot start management with management.authentication.secret, which is not set: it takes',
    ],
    ...[
      ['--management.authentication.secret', 'abc'],
      ['--management.authentication.secret-file', '/run/secret'],
      ['--management.authentication.scheme', 'none', '--management.authentication.secret', 'abc'],
    ].map((words): [string[], string] => [
      ['--management.enabled', ...words],
      'Cannot start management with management.authentication.scheme "none": it takes "basic" or "bearer"; for nobody to be asked, leave secret and secretFile out',
    ]),
    [
      ['--remote.transport', 'tls-tcp'],
      'Cannot start remoting without remote.tls.keyFile: it is not set',
    ],
    [['--bootstrap.enabled'], 'Cannot bootstrap without management: the node needs'],
    [
      ['--bootstrap.enabled', '--management.enabled'],
      'Cannot use discovery.config.endpoints, which is not set: it takes',
    ],
    [['--system.name', 'a b'], 'Cannot start the actor system "a b"'],
    [['--remote.host', '::1'], 'Cannot start remoting with remote.host "::1"'],
    [['--cluster.app-version', '1.2.3.4'], 'Cannot use cluster.appVersion "1.2.3.4"'],
    [['--cluster.seed-nodes', 'a b'], 'Cannot read the address "a b:25520"'],
  ])('are refused, by the name of the one that is wrong: %j', async (words, message) => {
    const error: unknown = await check(...words).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(isOptionError(error)).toBe(true);
  });

  it('are not what is wrong when a port is taken', () => {
    expect(isOptionError(new Error('in use'))).toBe(false);
  });
});
