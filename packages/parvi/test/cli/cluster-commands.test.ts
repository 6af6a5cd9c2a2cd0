// `parvi cluster …` against a node in memory, in time that the test moves.

import { describe, expect, it } from 'vitest';
import { address, FakeNode, Raw, silence, view } from './fake-node.ts';

const members = 'GET /cluster/members';
const details = 'GET /parvi/members';

it('shows members oldest first, with what only Parvi nodes tell', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Up', 'Leaving'], [3]);
  node.replies[details] = {
    members: [2, 1, 3].map((n, i) => ({ node: address(n), age: i + 1, appVersion: `1.0.${n}` })),
  };
  expect(await node.run('cluster', 'show')).toBe(0);
  const lines = node.out.split('\n').map((line) => line.replace(/ +/g, ' ').trim());
  expect(lines).toEqual([
    'address roles status reachable version',
    `${address(2)} valeng,dc-default Up reachable 1.0.2`,
    `${address(1)} ctrl,dc-default Up reachable 1.0.1 leader oldest this node`,
    `${address(3)} valeng,dc-default Leaving UNREACHABLE by 1 1.0.3`,
    '3 members, 1 unreachable',
    '',
  ]);
});

it('shows members of a JVM node, which knows no more than Pekko Management tells', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Up']);
  expect(await node.run('cluster', 'show')).toBe(0);
  expect(node.out).toContain('2 members');
  expect(await node.run('--json', 'cluster', 'show')).toBe(0);
  expect(JSON.parse(node.out)).toEqual({ ...view(['Up', 'Up']), details: [] });
});

it('says so when the node is a member of no cluster', async () => {
  const node = new FakeNode();
  node.replies[members] = view([]);
  expect(await node.run('cluster', 'show')).toBe(0);
  expect(node.out).toBe(`${address(1)} is a member of no cluster yet\n`);
});

it('colours on a terminal only', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Down'], [2]);
  await node.run('cluster', 'show');
  expect(node.out).not.toContain('\u001B');
  node.isTerminal = true;
  await node.run('cluster', 'show');
  expect(node.out).toContain('\u001B[31m');
  node.environment = { NO_COLOR: '1' };
  await node.run('cluster', 'show');
  expect(node.out).not.toContain('\u001B');
});

it('has the node itself leave, and takes its silence for the end', async () => {
  const node = new FakeNode();
  let asked = 0;
  node.replies[members] = () => {
    if (++asked > 4) throw silence;
    return view(['Up', 'Up']);
  };
  node.replies[`DELETE /cluster/members/${address(1)}`] = { message: `Leaving ${address(1)}` };
  expect(await node.run('cluster', 'leave', '--wait')).toBe(0);
  expect(node.out).toBe(`Leaving ${address(1)}\n${address(1)} has left after 0.8 s\n`);
});

it('waits until another one is no member any more, and gives up in time', async () => {
  const node = new FakeNode();
  const left = view(['Up']);
  node.replies[members] = () => (node.time.clock.nowMs() < 2000 ? view(['Up', 'Exiting']) : left);
  node.replies[`DELETE /cluster/members/${address(2)}`] = { message: `Leaving ${address(2)}` };
  expect(await node.run('cluster', 'leave', '10.0.0.2', '--wait')).toBe(0);
  expect(node.out).toContain('has left after 2.0 s');
  node.replies[members] = view(['Up', 'Leaving']);
  const words = ['cluster', 'leave', '10.0.0.2:25520', '--wait', '--wait-seconds', '3'];
  expect(await node.run(...words)).toBe(3);
  expect(node.error).toBe(`parvi: ${address(2)} has not left after 3 s\n`);
});

it('takes who came to its address afterwards for another one', async () => {
  const node = new FakeNode();
  const { members: both, ...rest } = view(['Up', 'Up']);
  const anew = both.map((member, i) => (i === 1 ? { ...member, nodeUid: '77' } : member));
  node.replies[members] = () =>
    node.time.clock.nowMs() < 1000 ? view(['Up', 'Up']) : { ...rest, members: anew };
  node.replies[`DELETE /cluster/members/${address(2)}`] = { message: `Leaving ${address(2)}` };
  expect(await node.run('cluster', 'leave', '10.0.0.2', '--wait')).toBe(0);
  expect(node.out).toContain('has left after 1.0 s');
});

it('says what the end of a wait means', async () => {
  const node = new FakeNode();
  expect(await node.run('cluster', 'leave', '--help')).toBe(0);
  expect(node.out).toContain('ends when the node that is asked has removed the member');
});

it('does nothing for a node that is no member', async () => {
  const node = new FakeNode();
  node.replies[members] = view([]);
  expect(await node.run('cluster', 'leave', '--wait')).toBe(0);
  expect(node.asked).toEqual([members]);
});

it('takes as much of an address as only one member has', async () => {
  const node = new FakeNode();
  const two = view(['Up', 'Up']);
  const [, second] = two.members;
  node.replies[members] = {
    ...two,
    members: [...two.members, { ...second, node: 'pekko://shop@10.0.0.2:25521' }],
  };
  node.replies[`PUT /cluster/members/${address(2)}`] = { message: `Downing ${address(2)}` };
  expect(await node.run('cluster', 'down', '10.0.0.2')).toBe(5);
  expect(node.error).toContain(`may be ${address(2)} or pekko://shop@10.0.0.2:25521`);
  expect(await node.run('cluster', 'down', '10.0.0.9')).toBe(5);
  expect(node.error).toContain('no member is "10.0.0.9"; there are');
  expect(await node.run('cluster', 'down', '10.0')).toBe(5);
  expect(node.error).toContain(
    `no member is "10.0", but these begin so: ${address(1)}, ${address(2)}, pekko://`,
  );
  expect(await node.run('cluster', 'down', 'shop@10.0.0.2:25520')).toBe(0);
  expect(node.asked.at(-1)).toBe(`PUT /cluster/members/${address(2)} operation=Down`);
});

it('downs the unreachable only when somebody says yes', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Up', 'Up'], [2, 3]);
  for (const n of [2, 3]) {
    node.replies[`PUT /cluster/members/${address(n)}`] = { message: `Downing ${address(n)}` };
  }
  for (const typed of [undefined, '', 'n']) {
    node.typed = typed;
    expect(await node.run('cluster', 'down-unreachable')).toBe(2);
    expect(node.error).toContain('Nothing was done');
  }
  expect(node.asked.every((one) => one === members)).toBe(true);
  node.typed = 'y';
  expect(await node.run('cluster', 'down-unreachable')).toBe(0);
  expect(node.out).toBe(`Downing ${address(2)}\nDowning ${address(3)}\n`);
  node.replies[members] = view(['Up']);
  expect(await node.run('cluster', 'down-unreachable', '--yes')).toBe(0);
  expect(node.out).toBe('All members are reachable\n');
});

it('joins, and prepares a shutdown, in the words of the node', async () => {
  const node = new FakeNode();
  node.replies[members] = view([]);
  node.replies['POST /cluster/members'] = { message: 'Joining pekko://shop@10.0.0.7:25520' };
  node.replies['PUT /cluster'] = { message: 'Preparing for full cluster shutdown' };
  expect(await node.run('cluster', 'join', address(7))).toBe(0);
  expect(await node.run('cluster', 'prepare-shutdown', '--yes')).toBe(0);
  expect(node.asked.map((one) => decodeURIComponent(one))).toEqual([
    members,
    `POST /cluster/members address=${address(7)}`,
    'PUT /cluster operation=prepare-for-full-shutdown',
  ]);
});

it('prepares the end of the cluster only when somebody says yes', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Up']);
  node.replies['PUT /cluster'] = { message: 'Preparing for full cluster shutdown' };
  for (const typed of [undefined, '', 'no']) {
    node.typed = typed;
    expect(await node.run('cluster', 'prepare-shutdown')).toBe(2);
    expect(node.error).toContain('2 members, for its end? That cannot be undone');
  }
  expect(node.asked.every((one) => one === members)).toBe(true);
  node.typed = 'yes';
  expect(await node.run('cluster', 'prepare-shutdown')).toBe(0);
  expect(node.out).toBe('Preparing for full cluster shutdown\n');
});

it.each([
  ['10.0.0.7', address(7)],
  ['10.0.0.7:25521', 'pekko://shop@10.0.0.7:25521'],
  ['shop@10.0.0.7:1', 'pekko://shop@10.0.0.7:1'],
  ['[fd00::7]', 'pekko://shop@[fd00::7]:25520'],
])('completes the address %s to join by that of the node', async (text, whole) => {
  const node = new FakeNode();
  node.replies[members] = view([]);
  node.replies['POST /cluster/members'] = { message: `Joining ${whole}` };
  expect(await node.run('cluster', 'join', text)).toBe(0);
  expect(decodeURIComponent(node.asked.at(-1) ?? '')).toBe(
    `POST /cluster/members address=${whole}`,
  );
});

it.each([
  ['not an address', 'write pekko://System@host:port, host:port or host'],
  ['10.0.0.7:99999', 'write pekko://System@host:port'],
  ['http://10.0.0.7/', 'write pekko://System@host:port'],
  ['pekko://other@10.0.0.7:25520', 'its system is "other", that of pekko://shop@10.0.0.1:25520'],
  ['akka://shop@10.0.0.7:25520', 'its protocol is "akka"'],
])('does not have a node join at "%s"', async (text, why) => {
  const node = new FakeNode();
  node.replies[members] = view([]);
  expect(await node.run('cluster', 'join', text)).toBe(2);
  expect(node.error).toContain(why);
  expect(node.asked).toEqual([members]);
});

it('has no member join: there is nothing to do, or it cannot', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up', 'Up']);
  expect(await node.run('cluster', 'join', '10.0.0.2')).toBe(0);
  expect(node.out).toBe(`${address(1)} is a member already, with status Up\n`);
  expect(await node.run('cluster', 'join', '10.0.0.9')).toBe(5);
  expect(node.error).toContain(`and ${address(9)} is not of its cluster`);
  expect(node.asked).toEqual([members, members]);
});

describe('as JSON', () => {
  function busy(): FakeNode {
    const node = new FakeNode();
    node.replies[members] = view(['Up', 'Up'], [2]);
    for (const n of [1, 2]) {
      const member = `/cluster/members/${address(n)}`;
      node.replies[`PUT ${member}`] = { message: `Downing ${n}` };
      node.replies[`DELETE ${member}`] = { message: `Leaving ${n}` };
    }
    node.replies['PUT /cluster'] = { message: 'Preparing' };
    return node;
  }

  it.each<[string, unknown]>([
    ['leave', { member: address(1), message: 'Leaving 1' }],
    ['down 10.0.0.2', { member: address(2), message: 'Downing 2' }],
    ['down-unreachable --yes', [{ member: address(2), message: 'Downing 2' }]],
    ['prepare-shutdown --yes', { operation: 'prepare-for-full-shutdown', message: 'Preparing' }],
    [
      'join 10.0.0.2',
      { address: address(2), message: `${address(1)} is a member already, with status Up` },
    ],
  ])('"cluster %s" is one document', async (words, document) => {
    const node = busy();
    expect(await node.run('--json', 'cluster', ...words.split(' '))).toBe(0);
    expect(JSON.parse(node.out)).toEqual(document);
  });

  it('a member that has left is one document, too', async () => {
    const node = busy();
    let asked = 0;
    node.replies[members] = () => view(++asked > 2 ? ['Up'] : ['Up', 'Up']);
    expect(await node.run('--json', 'cluster', 'leave', '10.0.0.2', '--wait')).toBe(0);
    expect(JSON.parse(node.out)).toEqual({
      member: address(2),
      message: 'Leaving 2',
      hasLeft: true,
      tookSeconds: 0.25,
    });
    node.replies[members] = view([]);
    expect(await node.run('--json', 'cluster', 'leave')).toBe(0);
    expect(JSON.parse(node.out)).toMatchObject({ member: address(1), hasLeft: true });
  });
});

it('says of credentials that are sent, and not taken, which to correct', async () => {
  const node = new FakeNode();
  node.replies[members] = new Raw(401, 'no');
  node.environment = { MANAGEMENT_TOKEN: 'wrong' };
  expect(await node.run('cluster', 'show')).toBe(5);
  expect(node.error).toContain('does not take these credentials: correct MANAGEMENT_TOKEN,');
  node.environment = { MANAGEMENT_PASSWORD: 'wrong' };
  expect(await node.run('cluster', 'show')).toBe(5);
  expect(node.error).toContain('correct MANAGEMENT_USER and MANAGEMENT_PASSWORD,');
});

describe('a node beside the command that asks for credentials', () => {
  const own = (options: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(options).map(([name, value]) => [`PARVI_MANAGEMENT_${name}`, value]),
    );
  const bearer = { AUTHENTICATION_SCHEME: 'bearer', AUTHENTICATION_SECRET_FILE: '/run/secret' };
  const sent = async (
    environment: Record<string, string>,
    ...words: readonly string[]
  ): Promise<string | undefined> => {
    const node = new FakeNode();
    node.replies[members] = view(['Up']);
    node.files = { '/run/secret': 'word\n' };
    node.environment = environment;
    expect(await node.run(...words, 'cluster', 'show')).toBe(0);
    return node.authorizations[0];
  };

  it('is sent its own, from its variables or the file that they name', async () => {
    const basic = { AUTHENTICATION_SCHEME: 'basic', AUTHENTICATION_SECRET: 'word' };
    const header = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await sent(own(bearer))).toBe('Bearer word');
    expect(await sent(own(basic))).toBe(header('parvi:word'));
    expect(await sent(own({ ...basic, AUTHENTICATION_USER: 'ann' }))).toBe(header('ann:word'));
    expect(await sent(own({ ...bearer, AUTHENTICATION_SCHEME: 'none' }))).toBeUndefined();
  });

  it('is sent them with a wish too, as before a container ends', async () => {
    const node = new FakeNode();
    node.files = { '/run/secret': 'word' };
    node.environment = own(bearer);
    let asked = 0;
    node.replies[members] = () => (++asked > 1 ? view([]) : view(['Up']));
    node.replies[`DELETE /cluster/members/${address(1)}`] = { message: 'Leaving 1' };
    expect(await node.run('cluster', 'leave', '--wait')).toBe(0);
    expect(new Set(node.authorizations)).toEqual(new Set(['Bearer word']));
  });

  it('keeps them from all other nodes, and is sent others where there are some', async () => {
    expect(await sent(own(bearer), '--url', 'http://10.0.0.9:7626')).toBeUndefined();
    expect(await sent({ ...own(bearer), MANAGEMENT_URL: '10.0.0.9' })).toBeUndefined();
    expect(await sent({ ...own(bearer), MANAGEMENT_TOKEN: 'mine' })).toBe('Bearer mine');
  });

  it('says where they come from when it does not take them, or they cannot be read', async () => {
    const node = new FakeNode();
    node.replies[members] = new Raw(401, 'no');
    node.environment = own(bearer);
    expect(await node.run('cluster', 'show')).toBe(2);
    expect(node.error).toContain('Cannot read "/run/secret": ENOENT');
    node.files = { '/run/secret': 'word' };
    expect(await node.run('cluster', 'show')).toBe(5);
    expect(node.error).toContain(
      'correct PARVI_MANAGEMENT_AUTHENTICATION_SECRET_FILE, or set MANAGEMENT_TOKEN, or',
    );
  });
});

it.each([
  [401, 'asks for credentials: set MANAGEMENT_TOKEN'],
  [405, 'it is read-only: start it with management.writes true'],
  [403, 'it forbids it: because'],
  [500, 'status 500: because'],
])('says what to do about an answer of %i, and ends with 5', async (status, text) => {
  const node = new FakeNode();
  node.replies[members] = view(['Up']);
  node.replies[`DELETE /cluster/members/${address(1)}`] = new Raw(status, '{"message":"because"}');
  expect(await node.run('cluster', 'leave')).toBe(5);
  expect(node.error).toContain(text);
});

it('ends with 4 when nobody answers, and with 1 when somebody else does', async () => {
  const node = new FakeNode();
  node.replies[members] = () => {
    throw silence;
  };
  expect(await node.run('cluster', 'show')).toBe(4);
  expect(node.error).toContain('No node answers at http://127.0.0.1:7626: connect ECONNREFUSED');
  node.replies[members] = new Raw(200, '<html>');
  expect(await node.run('cluster', 'show')).toBe(1);
  expect(node.error).toContain('is not the management of a Parvi or Pekko node: it said "<html>"');
});

it.each([
  [{}, [], 'http://127.0.0.1:7626'],
  [{}, ['--url', '10.0.0.5'], 'http://10.0.0.5:7626'],
  [{}, ['--url', '[::1]/ops/'], 'http://[::1]:7626/ops'],
  [{}, ['--url', 'https://node/ops'], 'https://node/ops'],
  [{ MANAGEMENT_URL: 'http://a:1' }, [], 'http://a:1'],
  [
    { PARVI_MANAGEMENT_HOST: '10.1.1.1', PARVI_MANAGEMENT_PORT: '7000' },
    [],
    'http://10.1.1.1:7000',
  ],
  [
    { PARVI_MANAGEMENT_HOST: '10.1.1.1', PARVI_MANAGEMENT_BIND_HOST: '0.0.0.0' },
    [],
    'http://127.0.0.1:7626',
  ],
  [{ PARVI_MANAGEMENT_HOST: 'fd00::5' }, [], 'http://[fd00::5]:7626'],
  [{ PARVI_MANAGEMENT_HOST: '[fd00::5]', MANAGEMENT_URL: '' }, [], 'http://[fd00::5]:7626'],
  [{ PARVI_MANAGEMENT_HOST: 'fd00::5', PARVI_MANAGEMENT_BIND_HOST: '::' }, [], 'http://[::1]:7626'],
  [
    { PARVI_MANAGEMENT_PORT: '7000', PARVI_MANAGEMENT_BIND_PORT: '7001' },
    [],
    'http://127.0.0.1:7001',
  ],
  [{ PARVI_REMOTE_HOST: '10.1.1.2', PARVI_MANAGEMENT_HOST: '' }, [], 'http://10.1.1.2:7626'],
  [{ CLUSTER_IP: ' 10.1.1.3\n' }, [], 'http://10.1.1.3:7626'],
  [
    { PARVI_REMOTE_HOST: 'node.example', PARVI_REMOTE_BIND_HOST: '0.0.0.0' },
    [],
    'http://127.0.0.1:7626',
  ],
  [
    { PARVI_REMOTE_BIND_HOST: '0.0.0.0', PARVI_MANAGEMENT_HOST: '10.1.1.1' },
    [],
    'http://10.1.1.1:7626',
  ],
  // As Kubernetes has it where a Service is named "parvi-management".
  [{ PARVI_MANAGEMENT_PORT: 'tcp://10.96.0.7:7626' }, [], 'http://127.0.0.1:7626'],
  [
    {
      PARVI_MANAGEMENT_BASE_PATH: '/ops/management/',
      PARVI_MANAGEMENT_TLS_KEY_FILE: '/tls/key.pem',
    },
    [],
    'https://127.0.0.1:7626/ops/management',
  ],
])('asks where the node listens: %j %j', async (environment, words, base) => {
  const node = new FakeNode();
  node.environment = environment;
  node.replies = {};
  expect(await node.run(...words, 'cluster', 'show')).toBe(5);
  expect(node.error).toContain(`The node at ${base} refused`);
});

it('takes credentials from the environment only', async () => {
  const node = new FakeNode();
  node.replies[members] = view(['Up']);
  node.environment = { MANAGEMENT_TOKEN: 'abc\n' };
  await node.run('cluster', 'show');
  node.environment = { MANAGEMENT_PASSWORD: 'secret', MANAGEMENT_USER: 'ann' };
  await node.run('cluster', 'show');
  expect([...new Set(node.authorizations)]).toEqual([
    'Bearer abc',
    `Basic ${Buffer.from('ann:secret').toString('base64')}`,
  ]);
});

it.each([
  ['cluster'],
  ['cluster', 'sho'],
  ['cluster', 'show', '--what'],
  ['cluster', 'down'],
  ['cluster', 'leave', '--wait-seconds', 'x'],
  ['--timeout', '0', 'cluster', 'show'],
  ['--url', 'ftp://x', 'cluster', 'show'],
  ['--ca', 'missing.pem', 'cluster', 'show'],
  ['completion', 'tcsh'],
  ['--cert', 'own.pem', 'cluster', 'show'],
])('ends with 2 at a wrong command line: %j %j %j', async (...words) => {
  const node = new FakeNode();
  expect(await node.run(...words.filter(Boolean))).toBe(2);
  expect(node.error).not.toBe('');
  expect(node.asked).toEqual([]);
});
