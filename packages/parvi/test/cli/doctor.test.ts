// `parvi doctor`: what it finds on machines that are made up.

import { describe, expect, it } from 'vitest';
import type { NodePlan } from '../../src/cli/doctor.ts';
import { ConfigError } from '../../src/config/index.ts';
import { ParviError } from '../../src/runtime/index.ts';
import { FakeNode, Raw, silence } from './fake-node.ts';

const sound: NodePlan = {
  host: '10.0.0.1',
  port: 25520,
  bindHost: '10.0.0.1',
  bindPort: 25520,
  seedNodes: [
    { host: '10.0.0.1', port: 25520 },
    { host: '10.0.0.2', port: 25520 },
  ],
  management: { host: '10.0.0.1', port: 7626 },
  certificates: [],
  kubernetesProblem: undefined,
  bootstrap: undefined,
  optionsUnknown: [],
};

function machine(plan: Partial<NodePlan> = {}): FakeNode {
  const node = new FakeNode();
  node.plan = { ...sound, ...plan };
  return node;
}

const findings = (node: FakeNode): string[] =>
  node.out
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));

it('has nothing to say about a machine that is in order', async () => {
  const node = machine();
  expect(await node.run('doctor')).toBe(0);
  expect(findings(node).slice(1)).toEqual([
    'ok configuration file, environment and flags can be used',
    'ok own host "10.0.0.1" is 10.0.0.1',
    'ok management 10.0.0.1:7626 is free',
    'ok remoting port 10.0.0.1:25520 is free',
    'ok seed node 10.0.0.1:25520 is this node, which may form the cluster',
    'ok seed node 10.0.0.2:25520 takes connections',
  ]);
});

it('takes what is no option of the toolkit for one of the application', async () => {
  const node = machine({ optionsUnknown: ['PARVI_HTTP_PORT', 'worker.threads'] });
  expect(await node.run('doctor')).toBe(0);
  expect(findings(node)).toContain(
    "note configuration no options of the toolkit, so the application's, and not checked: PARVI_HTTP_PORT, worker.threads",
  );
});

it('says what is wrong with the configuration, and looks no further', async () => {
  const node = machine();
  node.planning = () => {
    throw new ConfigError('CONFIG_KEY_UNKNOWN', 'Cannot use "remote.prot"');
  };
  expect(await node.run('doctor')).toBe(3);
  expect(findings(node).slice(1)).toEqual(['PROBLEM configuration Cannot use "remote.prot"']);
});

it('says that this Node is too old, and that Kubernetes is not here', async () => {
  const node = machine({ kubernetesProblem: 'Cannot find the Kubernetes API server' });
  node.nodeProblem = 'Cannot start with Node "20.20.2"';
  expect(await node.run('doctor')).toBe(3);
  expect(findings(node).filter((line) => line.startsWith('PROBLEM'))).toEqual([
    expect.stringMatching(/^PROBLEM versions parvi .*: Cannot start with Node "20.20.2"$/),
    'PROBLEM kubernetes Cannot find the Kubernetes API server',
  ]);
});

it('says what a start would refuse, and lets all else through', async () => {
  const node = machine();
  node.planning = () => {
    throw new ParviError('CLUSTER_OPTION_INVALID', 'Cannot use cluster.splitBrain.quorumSize');
  };
  expect(await node.run('doctor')).toBe(3);
  expect(findings(node).at(-1)).toBe(
    'PROBLEM configuration Cannot use cluster.splitBrain.quorumSize',
  );
  node.planning = () => {
    throw new ParviError('REMOTE_BIND_FAILED', 'Cannot listen');
  };
  expect(await node.run('doctor')).toBe(1);
});

it.each([
  ['a name that leads nowhere', { host: 'nowhere' }, '"nowhere" leads nowhere (ENOTFOUND nowhere)'],
  ['an address of another machine', { bindHost: '10.9.9.9' }, 'is no address of this machine'],
  [
    'loopback beside seed nodes elsewhere',
    { host: '127.0.0.1', bindHost: '127.0.0.1' },
    'it could not answer; set remote.host',
  ],
  ['a port that is taken', { bindPort: 80 }, '10.0.0.1:80 cannot be had (EADDRINUSE)'],
  [
    'a management port that is taken',
    { management: { host: '10.0.0.1', port: 80 } },
    'no node answers there',
  ],
  [
    'a seed node with the port of its own management',
    { seedNodes: [{ host: '10.0.0.1', port: 7626 }] },
    "10.0.0.1:7626 is this node's management; seed nodes are given by the port of remoting, here 25520",
  ],
  [
    'seed nodes that do not answer',
    {
      seedNodes: [
        { host: '10.0.0.8', port: 1 },
        { host: 'nowhere', port: 1 },
      ],
    },
    'none answers, and this node is none of them',
  ],
] as const)('finds %s', async (_what, plan, text) => {
  const node = machine(plan as never);
  node.net = {
    addresses: async (name) => {
      if (name === 'nowhere') throw new Error('ENOTFOUND nowhere');
      return [name];
    },
    listenProblem: async (host, port) =>
      host === '10.9.9.9' ? 'EADDRNOTAVAIL' : port === 80 ? 'EADDRINUSE' : undefined,
    connectProblem: async (host) => (host === '10.0.0.8' ? 'ECONNREFUSED' : undefined),
  };
  node.replies['GET /parvi/version'] = () => {
    throw silence;
  };
  expect(await node.run('doctor')).toBe(3);
  const problems = findings(node).filter((line) => line.startsWith('PROBLEM'));
  expect(problems.join('\n')).toContain(text);
});

describe('a certificate', () => {
  const dayMs = 86_400_000;
  const told = async (isAuthority: boolean, ...days: readonly (readonly [number, number])[]) => {
    const node = machine();
    const nowMs = node.time.clock.wallMs();
    const certificates = days.map(([from, to]) => ({
      subject: 'CN=node',
      fromMs: nowMs + from * dayMs,
      toMs: nowMs + to * dayMs,
    }));
    const file = { option: 'remote.tls.certFile', path: '/tls.crt', isAuthority, certificates };
    node.plan = { ...sound, certificates: [file] };
    const code = await node.run('doctor');
    return { code, lines: findings(node).filter((line) => line.includes(' certificate ')) };
  };
  const found = (verdict: string, text: string) =>
    expect.stringMatching(
      new RegExp(`^${verdict} certificate remote.tls.certFile "/tls.crt" ${text}`),
    );

  it.each([
    [15, 0, 'ok', 'holds until'],
    [13.5, 0, 'note', '\\(CN=node\\) expires at .*, in 13 days; renew it'],
    [0.5, 0, 'note', '\\(CN=node\\) expires at .*, in less than a day; renew it'],
    [0, 3, 'PROBLEM', '\\(CN=node\\) has expired, at .*; renew it'],
  ])('that ends in %d days ends the command with %i', async (to, code, verdict, text) => {
    expect(await told(false, [-1, to])).toEqual({ code, lines: [found(verdict, text)] });
  });

  it('that does not name the node is a note', async () => {
    const node = machine();
    const file = { option: 'remote.tls.certFile', path: '/tls.crt', isAuthority: false };
    const certificates = [{ subject: 'CN=node', fromMs: 0, toMs: 1e13 }];
    node.plan = { ...sound, certificates: [{ ...file, certificates, hostMissing: 'node-2' }] };
    expect(await node.run('doctor')).toBe(0);
    const text = 'does not name "node-2", by which others call this node';
    expect(findings(node)).toContainEqual(found('note', text));
  });

  it('that is not valid yet is a problem, and hints at the clock', async () => {
    const text = '\\(CN=node\\) is not valid before .*; see whether the clock';
    expect(await told(false, [1, 90])).toEqual({ code: 3, lines: [found('PROBLEM', text)] });
  });

  it('that has expired is a problem also between the own one and its authority', async () => {
    expect(await told(false, [-1, 90], [-90, -1])).toMatchObject({ code: 3 });
  });

  it('of an authority may have expired while another of the file holds', async () => {
    const lines = [found('note', '\\(CN=node\\) has expired')];
    expect(await told(true, [-90, -1], [-1, 90])).toEqual({ code: 0, lines });
    expect(await told(true, [-90, -1])).toMatchObject({ code: 3 });
  });
});

describe('an address where nothing can listen', () => {
  const problemsOf = async (plan: Partial<NodePlan>): Promise<string[]> => {
    const node = machine(plan);
    node.net = {
      addresses: async (name) => {
        if (name === 'nowhere') throw new Error('ENOTFOUND nowhere');
        return [name];
      },
      listenProblem: async (host) =>
        host === 'nowhere' ? 'ENOTFOUND' : host === '10.9.9.9' ? 'EADDRNOTAVAIL' : undefined,
      connectProblem: async () => undefined,
    };
    node.replies['GET /parvi/version'] = () => {
      throw silence;
    };
    expect(await node.run('doctor')).toBe(3);
    return findings(node).filter((line) => line.startsWith('PROBLEM'));
  };

  it.each(['nowhere', '10.9.9.9'])('is told once, and is no port in use: %s', async (host) => {
    const management = { host, port: 7626 };
    const problems = await problemsOf({ host, bindHost: host, management });
    expect(problems).toEqual([expect.stringMatching(/^PROBLEM own host .*set remote\./)]);
  });

  it('is told of management when that has one of its own', async () => {
    const problems = await problemsOf({ management: { host: 'nowhere', port: 7626 } });
    expect(problems).toEqual([
      'PROBLEM management cannot listen on "nowhere" (ENOTFOUND): it is no address of this machine; set management.bindHost to one',
    ]);
  });

  it('is looked for also behind a name that leads nowhere', async () => {
    const problems = await problemsOf({ host: 'nowhere', bindHost: '10.9.9.9' });
    expect(problems).toEqual([
      expect.stringContaining('own host "nowhere" leads nowhere'),
      expect.stringContaining('own host cannot listen on "10.9.9.9" (EADDRNOTAVAIL)'),
    ]);
  });
});

it('takes the ports of a node that runs here for no problem, and compares clocks with it', async () => {
  const node = machine();
  node.net = {
    ...node.net,
    listenProblem: async (_host, port) => (port === 0 ? undefined : 'EADDRINUSE'),
  };
  const started = (awayMs: number) => ({
    parvi: '1.0.0',
    node: '26.0.0',
    system: 'shop',
    address: 'pekko://shop@10.0.0.1:25520',
    startedAt: new Date(node.time.clock.wallMs() - 60_000 - awayMs).toISOString(),
    uptimeSeconds: 60,
  });
  node.replies['GET /parvi/version'] = () => started(0);
  expect(await node.run('doctor')).toBe(0);
  expect(node.out).toContain('a node runs here: pekko://shop@10.0.0.1:25520');
  expect(node.out).toContain('agrees with that of the node');
  node.replies['GET /parvi/version'] = () => started(90_000);
  expect(await node.run('doctor')).toBe(3);
  expect(node.out).toContain('is 90 s away from that of the node');
});

it('knows a node that runs here also when that asks for credentials', async () => {
  const node = machine();
  node.net = {
    ...node.net,
    listenProblem: async (_host, port) => (port === 0 ? undefined : 'EADDRINUSE'),
  };
  node.replies['GET /parvi/version'] = new Raw(401, 'no');
  expect(await node.run('doctor')).toBe(0);
  expect(node.out).toContain('it asks for credentials: set MANAGEMENT_TOKEN');
  expect(findings(node)).toContain(
    'note remoting port 10.0.0.1:25520 is taken, by the node that runs here',
  );
});

it('looks contact points up, and says when they are too few', async () => {
  const found: string[] = ['10.0.0.1:7626', '10.0.0.2:7626'];
  const find = async () => ({ found, isSelfFound: true });
  const bootstrap = { required: 2, self: '10.0.0.1:7626', isFixed: true, find };
  const node = machine({ seedNodes: [], bootstrap });
  expect(await node.run('doctor')).toBe(0);
  found.pop();
  expect(await node.run('doctor')).toBe(3);
  expect(node.out).toContain('1 contact point found, 2 needed: 10.0.0.1:7626');
});

it.each([
  [true, 'PROBLEM discovery does not find this node, 10.0.0.1:7626: it could join', 3],
  [false, 'note discovery does not find this node, 10.0.0.1:7626: it could join', 0],
])(
  'says that this node is not found, for ever or before it runs: %s',
  async (isFixed, line, code) => {
    const find = async () => ({ found: ['10.0.0.2:7626', '10.0.0.3:7626'], isSelfFound: false });
    const bootstrap = { required: 2, self: '10.0.0.1:7626', isFixed, find };
    const node = machine({ seedNodes: [], bootstrap });
    expect(await node.run('doctor')).toBe(code);
    expect(findings(node).at(-1)).toContain(line);
  },
);

it('prints its findings as JSON', async () => {
  const node = machine();
  expect(await node.run('--json', 'doctor')).toBe(0);
  expect(JSON.parse(node.out)).toContainEqual({
    about: 'remoting port',
    verdict: 'ok',
    text: '10.0.0.1:25520 is free',
  });
});
