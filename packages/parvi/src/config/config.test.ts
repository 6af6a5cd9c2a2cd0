import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ConfigSources, loadConfig } from './config.ts';
import { parseFlags } from './flags.ts';
import { deploymentNames, duration, port, settingsSection } from './kinds.ts';

const schema = z.object({
  name: z.string().describe('Name').meta({ names: deploymentNames.system }),
  remote: z
    .object({
      host: z.string().default('127.0.0.1').describe('Host').meta({ names: deploymentNames.host }),
      port: port({ free: true })
        .default(25_520)
        .describe('Port')
        .meta({ names: deploymentNames.port }),
      bindHost: z.string().optional().describe('Bind host'),
      password: z.string().optional().describe('Password').meta({ secret: true }),
      timers: settingsSection(
        { dialMs: 5000, tries: 3, loud: false },
        {
          dialMs: 'Dialling',
          tries: 'Tries',
          loud: 'Loud',
        },
      ),
    })
    .describe('The network'),
  cluster: z.object({
    seedNodes: z
      .array(z.string())
      .default([])
      .describe('Seeds')
      .meta({ names: deploymentNames.seedNodes }),
    roles: z.array(z.string()).default([]).describe('Roles').meta({ names: deploymentNames.roles }),
    waitMs: duration().default(1000).describe('Wait'),
    weights: z.record(z.string(), z.number()).default({}).describe('Weights'),
    strategy: z.enum(['majority', 'oldest']).default('majority').describe('Strategy'),
  }),
  extra: z.object({ on: z.boolean().describe('On') }).optional(),
});

const load = (sources: ConfigSources<typeof schema>) =>
  loadConfig(schema, { given: { name: 'shop' }, ...sources });

const environment = (variables: Record<string, string>) => load({ environment: variables });

function problemOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was refused');
}

describe('the sources of options', () => {
  const files: Record<string, string> = {
    'a.json': '{"remote":{"port":2},"cluster":{"waitMs":"2s"}}',
    'b.json': '{"remote":{"port":22}}',
  };
  const readFile = (path: string): string => files[path] ?? '';

  it('go from defaults over code, file and environment to flags', () => {
    const given = { name: 'shop', remote: { port: 1 } };
    const flags = parseFlags(['--remote.port', '4']);
    const all = { given, file: 'a.json', environment: { PARVI_REMOTE_PORT: '3' }, flags, readFile };
    const portOf = (sources: ConfigSources<typeof schema>) => {
      const config = load(sources);
      return [config.values.remote.port, config.origin('remote.port')];
    };
    expect(portOf({})).toEqual([25_520, { kind: 'default' }]);
    expect(portOf({ given })).toEqual([1, { kind: 'code' }]);
    expect(portOf({ given, file: 'a.json', readFile })).toEqual([
      2,
      { kind: 'file', path: 'a.json' },
    ]);
    const { flags: _, ...withoutFlags } = all;
    expect(portOf(withoutFlags)).toEqual([3, { kind: 'environment', name: 'PARVI_REMOTE_PORT' }]);
    expect(portOf(all)).toEqual([4, { kind: 'flag', name: '--remote.port' }]);
    expect(load(all).values.cluster.waitMs).toBe(2000);
  });

  it('take the file named by flag before that of the environment before that of code', () => {
    const named = { environment: { PARVI_CONFIG: 'b.json' }, file: 'a.json', readFile };
    expect(load(named).values.remote.port).toBe(22);
    const flags = parseFlags(['--config=a.json']);
    expect(load({ ...named, file: 'b.json', flags }).values.remote.port).toBe(2);
  });

  it('name the file that cannot be read, and why', () => {
    expect(problemOf(() => load({ file: '/nowhere/c.json' }))).toMatchObject({
      code: 'CONFIG_FILE_UNREADABLE',
      message: expect.stringMatching(/"\/nowhere\/c\.json": ENOENT/),
    });
    expect(problemOf(() => load({ file: 'c.json', readFile: () => '{"a":' }))).toMatchObject({
      code: 'CONFIG_FILE_INVALID',
      message: expect.stringMatching(/"c\.json" as JSON: /),
    });
    expect(problemOf(() => load({ file: 'c.json', readFile: () => '[]' })).message).toBe(
      'Cannot use the configuration from the file c.json: it must be an object with options in it',
    );
  });
});

describe('a configuration', () => {
  it('is frozen in depth', () => {
    const { values } = load({ given: { name: 'shop', cluster: { roles: ['a'] } } });
    expect(Object.isFrozen(values)).toBe(true);
    expect(Object.isFrozen(values.remote.timers)).toBe(true);
    expect(() => (values.cluster.roles as string[]).push('b')).toThrow(TypeError);
  });

  it('does not freeze or change what was given', () => {
    const roles = ['a'];
    load({ given: { name: 'shop', cluster: { roles } } });
    roles.push('b');
    expect(roles).toEqual(['a', 'b']);
  });

  it('leaves a section out that may be absent and of which nothing is set', () => {
    expect(load({}).values.extra).toBeUndefined();
    expect(environment({ PARVI_EXTRA_ON: 'yes' }).values.extra).toEqual({ on: true });
  });

  it('says what is missing and how to give it', () => {
    expect(problemOf(() => loadConfig(schema))).toMatchObject({
      code: 'CONFIG_VALUE_INVALID',
      message:
        'Cannot do without the option "name": give it in code, in the configuration file, as environment variable "PARVI_NAME" or "ACTORSYSTEM" or as flag "--name"',
    });
  });

  it.each([
    ['PARVI_REMOTE_PROT', 'PARVI_REMOTE_PORT'],
    ['PARVI_ROLES', 'PARVI_CLUSTER_ROLES'],
    ['PARVI_REMOTE_BINDHOST', 'PARVI_REMOTE_BIND_HOST'],
  ])('refuses the variable %s and names the nearest right one', (wrong, right) => {
    expect(problemOf(() => environment({ [wrong]: '1' }))).toMatchObject({
      code: 'CONFIG_KEY_UNKNOWN',
      message: `Cannot use "${wrong}" from the environment: there is no such option; did you mean "${right}"?`,
    });
  });

  it('refuses unknown keys of code, file and flags', () => {
    const given = JSON.parse('{"name":"shop","remote":{"prot":1}}');
    expect(problemOf(() => load({ given })).message).toBe(
      'Cannot use "remote.prot" given in code: there is no such option; did you mean "remote.port"?',
    );
    const flags = parseFlags(['--cluster.role', 'a']);
    expect(problemOf(() => load({ flags })).message).toMatch(/did you mean "cluster\.roles"\?$/);
    const readFile = () => '{"zebra":1}';
    expect(problemOf(() => load({ file: 'f', readFile })).message).toBe(
      'Cannot use "zebra" from the file f: there is no such option',
    );
  });

  it('lets a file name its JSON schema', () => {
    const readFile = () => '{"$schema":"https://example.org/parvi.json"}';
    expect(load({ file: 'f', readFile }).values.name).toBe('shop');
  });

  it('tells all that is wrong at once', () => {
    const error = problemOf(() =>
      environment({ PARVI_REMOTE_PORT: '70000', PARVI_CLUSTER_WAIT_MS: 'soon' }),
    );
    expect(error.message.split('\n')).toEqual([
      '2 options cannot be used:',
      '  Cannot use the value "70000" of "remote.port" from the environment variable PARVI_REMOTE_PORT: must be a whole number from 0 to 65535',
      '  Cannot use the value "soon" of "cluster.waitMs" from the environment variable PARVI_CLUSTER_WAIT_MS: give milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "1s"',
    ]);
  });

  it('tells wrong values beside names that do not exist, and what is wrong with a flag once', () => {
    const words = ['--remote.port', 'abc', '--remote.prot', '1', '--cluster.strategy=x', '--name'];
    const error = problemOf(() => loadConfig(schema, { flags: parseFlags(words) }));
    expect(error).toMatchObject({ code: 'CONFIG_KEY_UNKNOWN' });
    expect(error.message.split('\n')).toEqual([
      '4 options cannot be used:',
      expect.stringContaining('"remote.prot"'),
      expect.stringContaining('"--name"'),
      expect.stringContaining('"abc" of "remote.port" from the flag --remote.port'),
      expect.stringContaining('"x" of "cluster.strategy"'),
    ]);
  });

  it('names the option of which one item is wrong', () => {
    const given = JSON.parse('{"name":"shop","cluster":{"roles":["a",1]}}');
    expect(problemOf(() => load({ given })).message).toMatch(
      /^Cannot use the value "a,1" of "cluster\.roles" given in code: "cluster\.roles\.1" must be text$/,
    );
  });

  it.each([
    ['{"remote":{"port":"25520"}}', 'whole number from 0 to 65535; write it without quotes'],
    ['{"remote":{"port":"70000"}}', 'whole number from 0 to 65535'],
    ['{"remote":{"port":"one"}}', 'whole number from 0 to 65535'],
    ['{"remote":{"timers":{"loud":"true"}}}', 'true or false; write it without quotes'],
    ['{"remote":{"timers":{"loud":"on"}}}', 'true or false'],
    ['{"cluster":{"roles":"a"}}', 'list'],
  ])('says where quotes alone are wrong: %s', (text, words) => {
    const { message } = problemOf(() => load({ file: 'f', readFile: () => text }));
    expect(message).toMatch(new RegExp(`: must be (a )?${words}$`));
  });

  it('reads numbers, durations, switches, lists and maps from text', () => {
    const { values } = environment({
      PARVI_REMOTE_TIMERS_DIAL_MS: '1.5s',
      PARVI_REMOTE_TIMERS_LOUD: 'on',
      PARVI_CLUSTER_WAIT_MS: '250',
      PARVI_CLUSTER_ROLES: ' a, b ,,c ',
      PARVI_CLUSTER_WEIGHTS: 'a=1,b=2.5',
      PARVI_CLUSTER_SEED_NODES: '["x:1","y:2"]',
    });
    expect(values.remote.timers).toEqual({ dialMs: 1500, tries: 3, loud: true });
    expect(values.cluster).toMatchObject({
      waitMs: 250,
      roles: ['a', 'b', 'c'],
      weights: { a: 1, b: 2.5 },
      seedNodes: ['x:1', 'y:2'],
    });
  });

  it.each([
    ['PARVI_REMOTE_TIMERS_LOUD', 'maybe'],
    ['PARVI_REMOTE_TIMERS_LOUD', 'constructor'],
    ['PARVI_REMOTE_TIMERS_TRIES', '1.5'],
    ['PARVI_REMOTE_TIMERS_TRIES', '-1'],
    ['PARVI_REMOTE_PORT', '0x10'],
    ['PARVI_CLUSTER_WEIGHTS', 'a'],
    ['PARVI_CLUSTER_WEIGHTS', 'a=x'],
    ['PARVI_CLUSTER_STRATEGY', 'minority'],
    ['PARVI_CLUSTER_WAIT_MS', '-1s'],
  ])('refuses %s=%s', (name, text) => {
    expect(problemOf(() => environment({ [name]: text }))).toMatchObject({
      code: 'CONFIG_VALUE_INVALID',
      message: expect.stringContaining(`environment variable ${name}`),
    });
  });

  it('masks passwords within addresses, in lists and in messages', () => {
    const addresses = z.object({
      db: z.string().default('postgres://ann:hunter2@db:5432/x').describe('Database'),
      seeds: z
        .array(z.string())
        .default(['pekko://shop@a:25520', 'redis://:hunter2@cache'])
        .describe('Seeds'),
      count: z.int().default(1).describe('Count'),
    });
    expect(
      loadConfig(addresses, {})
        .entries()
        .map(({ shown }) => shown),
    ).toEqual([
      'postgres://ann:********@db:5432/x',
      'pekko://shop@a:25520,redis://:********@cache',
      '1',
    ]);
    const wrong = { environment: { PARVI_COUNT: 'http://ann:hunter2@b' } };
    const { message } = problemOf(() => loadConfig(addresses, wrong));
    expect(message).toContain('"http://ann:********@b"');
  });

  it.each([
    ['http://ann:hun@ter2@b/x', 'http://ann:********@b/x'],
    ['http://a:hun@ter2@b,http://c:1', 'http://a:********@b,http://c:1'],
    ['https://b/v1?region=eu&token=hunter2', 'https://b/v1?region=eu&token=********'],
    ['https://b?X-Api-Key=hunter2&sig=hun#access_token=ter2', undefined],
    ['https://b/key=1?page=2&design=x', 'https://b/key=1?page=2&design=x'],
    ['pekko://shop@a:25520,b@c:1', 'pekko://shop@a:25520,b@c:1'],
  ])('masks all of a password, and tokens among parameters: %s', (text, masked) => {
    const schema = z.object({ place: z.string().describe('Place') });
    const { entries } = loadConfig(schema, { given: { place: text } });
    const shown = entries()[0]?.shown ?? '';
    expect(shown).not.toMatch(/hun|ter2/);
    if (masked !== undefined) expect(shown).toBe(masked);
  });

  it('masks secrets in lists and in messages', () => {
    const config = environment({ PARVI_REMOTE_PASSWORD: 'hunter2' });
    expect(config.values.remote.password).toBe('hunter2');
    expect(JSON.stringify(config.entries())).not.toContain('hunter2');
    expect(config.entries().find((entry) => entry.key === 'remote.password')?.shown).toBe(
      '********',
    );
    const given = JSON.parse('{"name":"shop","remote":{"password":77123}}');
    expect(problemOf(() => load({ given })).message).not.toContain('77123');
  });

  it('takes empty variables for unset ones, and leaves other variables alone', () => {
    const config = environment({ PARVI_REMOTE_PORT: '', PARVIX: '1', PATH: '/bin' });
    expect(config.origin('remote.port')).toEqual({ kind: 'default' });
  });

  it('can be read under another prefix and told which variables to ignore', () => {
    const config = loadConfig(schema, {
      environmentPrefix: 'SHOP',
      environment: { SHOP_NAME: 'a', SHOP_SEED: '1', PARVI_NAME: 'b' },
      environmentIgnored: ['SHOP_SEED'],
    });
    expect(config.values.name).toBe('a');
  });
});

describe('the names that deployments use', () => {
  it('give the identity of a node', () => {
    const { values } = loadConfig(schema, {
      environment: {
        ACTORSYSTEM: 'AkkaTrader',
        CLUSTER_IP: '10.0.0.1',
        CLUSTER_PORT: '5055',
        CLUSTER_SEEDS: 'akka.tcp://AkkaTrader@lighthouse:4053, akka.tcp://AkkaTrader@other:4053',
        ROLES: 'trader,trade-events',
      },
    });
    expect(values.name).toBe('AkkaTrader');
    expect(values.remote).toMatchObject({ host: '10.0.0.1', port: 5055 });
    expect(values.cluster.roles).toEqual(['trader', 'trade-events']);
    expect(values.cluster.seedNodes).toHaveLength(2);
  });

  it.each([
    { set: { HOST_NAME: 'a', CLUSTER_IP: 'b' }, key: 'remote.host', name: 'HOST_NAME' },
    {
      set: { HOST_PORT: '1', CLUSTER_PORT: '2', PORT: '3' },
      key: 'remote.port',
      name: 'HOST_PORT',
    },
    { set: { CLUSTER_PORT: '2', PORT: '3' }, key: 'remote.port', name: 'CLUSTER_PORT' },
    { set: { PORT: '3' }, key: 'remote.port', name: 'PORT' },
    { set: { SEED_NODES: 'a', CLUSTER_SEEDS: 'b' }, key: 'cluster.seedNodes', name: 'SEED_NODES' },
    {
      set: { PARVI_REMOTE_PORT: '9', HOST_PORT: '1' },
      key: 'remote.port',
      name: 'PARVI_REMOTE_PORT',
    },
    {
      set: { 'SEED_NODES.0': 'a', CLUSTER_SEEDS: 'b' },
      key: 'cluster.seedNodes',
      name: 'SEED_NODES.0',
    },
    { set: { SEED_NODES: 'c', 'SEED_NODES.0': 'a' }, key: 'cluster.seedNodes', name: 'SEED_NODES' },
  ])('count in order: of $set the winner is $name', ({ set, key, name }) => {
    expect(environment({ ...set }).origin(key)).toEqual({ kind: 'environment', name });
  });

  it('may give a list item by item, in the order of the numbers', () => {
    const { values } = environment({
      'SEED_NODES.10': 'last',
      SEED_NODES_2: 'third',
      'SEED_NODES.0': 'first',
      SEED_NODES_0: 'not this one',
      SEED_NODES_1: 'second, and more',
      SEED_NODES_3: '',
      ROLES_0: 'ctrl',
      PARVI_CLUSTER_WAIT_MS: '1s',
    });
    expect(values.cluster.seedNodes).toEqual(['first', 'second', 'and more', 'third', 'last']);
    expect(values.cluster.roles).toEqual(['ctrl']);
  });

  it('may give a list item by item under the derived name too', () => {
    const config = environment({ PARVI_CLUSTER_ROLES_1: 'b', PARVI_CLUSTER_ROLES_0: 'a' });
    expect(config.values.cluster.roles).toEqual(['a', 'b']);
  });

  it('are not mixed up with the variables Kubernetes sets for Services', () => {
    const config = environment({
      CLUSTER_PORT: 'tcp://10.96.0.1:2551',
      CLUSTER_PORT_2551_TCP: 'tcp://10.96.0.1:2551',
      PARVI_PORT: 'tcp://10.96.0.7:7626',
      PARVI_SERVICE_HOST: '10.96.0.7',
      PARVI_SERVICE_PORT_MANAGEMENT: '7626',
      PARVI_PORT_7626_TCP_ADDR: '10.96.0.7',
      PORT: '4000',
    });
    expect(config.values.remote.port).toBe(4000);
  });

  it('are overridden by flags', () => {
    const config = load({
      environment: { HOST_NAME: 'a' },
      flags: parseFlags(['--remote.host=b']),
    });
    expect(config.values.remote.host).toBe('b');
  });
});

describe('flags', () => {
  it('are told apart from words, other flags and what follows --', () => {
    const words =
      'start --remote.port 1 --once --config f --cluster.roles=a=b x -- --remote.port 2';
    expect(parseFlags(words.split(' '))).toEqual({
      flags: [
        { name: 'remote.port', text: '1' },
        { name: 'cluster.roles', text: 'a=b' },
      ],
      file: 'f',
      rest: ['start', '--once', 'x', '--remote.port', '2'],
    });
  });

  it('may be written with hyphens, without a value for switches, and repeated for lists', () => {
    const flags = parseFlags([
      ...['--remote.bind-host', '0.0.0.0', '--remote.timers.loud'],
      ...['--cluster.roles', 'a', '--cluster.roles', 'b,c'],
    ]);
    const { values } = load({ flags });
    expect(values.remote.bindHost).toBe('0.0.0.0');
    expect(values.remote.timers.loud).toBe(true);
    expect(values.cluster.roles).toEqual(['a', 'b', 'c']);
  });

  it('need their value', () => {
    const flags = parseFlags(['--remote.host', '--remote.port', '1']);
    expect(problemOf(() => load({ flags }))).toMatchObject({
      code: 'CONFIG_FLAG_INVALID',
      message: 'Cannot use the flag "--remote.host": it needs a value, such as "--remote.host=…"',
    });
  });
});
