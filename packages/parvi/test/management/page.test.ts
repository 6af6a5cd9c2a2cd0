// The reference page of management: its table has the routes that there are, and its examples are answered as it says.

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actor } from '../../src/actor/index.ts';
import { clusterNode, type Member } from '../../src/cluster/index.ts';
import { type Management, startManagement } from '../../src/management/index.ts';
import { managementRoutes } from '../../src/management/routes.ts';
import { noShards } from '../../src/management/shard-routes.ts';
import { testSystem } from '../../src/testkit/index.ts';
import { parseAddress } from '../../src/wire/index.ts';
import { exchange, parseResponse } from './recordings.ts';
import { SampleCluster } from './sample-cluster.ts';

const host = '127.0.40.7';
const page = readFileSync(
  new URL('../../../../docs/reference/management.md', import.meta.url),
  'utf8',
);

interface Example {
  readonly request: string;
  readonly kind: string;
  readonly status: number;
  readonly answer: string;
}

const examples: readonly Example[] = [
  ...page.matchAll(/```http\n([^`]*?)\n```\n\n```(text|json)(?: status=(\d+))?\n([^`]*?)\n```/g),
].map(([, request = '', kind = '', status = '200', answer = '']) => ({
  request,
  kind,
  status: Number(status),
  answer,
}));

function member(last: number, roles: readonly string[]): Member {
  return {
    node: clusterNode(parseAddress(`pekko://shop@10.0.0.${last}:25520`), BigInt(6996 + last)),
    status: 'Up',
    upNumber: last,
    roles: [...roles, 'dc-default'],
    dataCenter: 'default',
    appVersion: '1.4.0',
  };
}

const members = [member(5, ['stock']), member(6, []), member(7, [])] as const;
const shopCluster = () => new SampleCluster(members[0], members, [members[2]]);
const loopDelay = {
  quantileMs: (q: number) => q,
  maxMs: () => 12,
  reset: () => undefined,
  stop: () => undefined,
};

let management: Management;
beforeEach(async () => {
  const { system, time } = testSystem({ name: 'shop' });
  system.health.register({ name: 'stock', aspect: 'ready', check: () => 'is being loaded' });
  management = await startManagement(
    system,
    { host, port: 0, writes: true, logControl: { level: 'info' } },
    { cluster: shopCluster(), monitorLoopDelay: () => loopDelay },
  );
  const idle = actor<string>(() => ({ onMessage() {} }));
  const cart = actor<string>((context) => {
    context.spawn(idle, 'items');
    return { onMessage: () => new Promise<void>(() => undefined) };
  });
  const ref = system.spawn(cart, 'cart');
  for (const text of ['a', 'b', 'c']) ref.tell(text);
  system.deadLetterRef('pekko://shop/user/till', 'recipientStopped').tell({ type: 'Order' });
  time.settle();
});
afterEach(() => management.close());

async function ask(request: string) {
  const [head = '', body = ''] = request.split('\n\n');
  const [first, ...headers] = head.split('\n');
  const lines = [`${first} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers];
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const text = [...lines, ...length, '', body].join('\r\n');
  return parseResponse(await exchange(management.port, host, text));
}

/** Equal but for `…`, which stands for any text. */
function alike(shown: unknown, got: unknown): boolean {
  if (shown === '…') return typeof got === 'string' && got !== '';
  if (typeof shown !== 'object' || shown === null) return shown === got;
  if (typeof got !== 'object' || got === null) return false;
  const keys = Object.keys(shown);
  return (
    keys.join() === Object.keys(got).join() &&
    keys.every((key) => alike(Reflect.get(shown, key), Reflect.get(got, key)))
  );
}

describe('the reference of management', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  it.each(examples)('tells what is answered: $request', async ({ request, kind, ...shown }) => {
    const { status, body } = await ask(request);
    expect(status).toBe(shown.status);
    if (kind === 'text') expect(body).toBe(shown.answer);
    else expect(alike(JSON.parse(shown.answer), JSON.parse(body)), body).toBe(true);
  });

  it('lists the routes that there are', () => {
    const { system } = testSystem();
    const { routes } = managementRoutes(
      system,
      { cluster: shopCluster(), sharding: noShards, loopDelay },
      { writes: true, logControl: { level: 'info' } },
    );
    const there = routes.flatMap(({ path, match, methods }) =>
      Object.keys(methods).map((method) => `${method} ${path}${match === 'below' ? '/*' : ''}`),
    );
    const listed = [...page.matchAll(/^\| (GET|PUT|POST|DELETE) \| (`\/.*?) \| /gm)].flatMap(
      ([, method = '', cell = '']) =>
        [...cell.matchAll(/`([^`]+)`/g)].map(
          ([, path = '']) => `${method} ${path.replace(/\{\w+\}/, '*')}`,
        ),
    );
    expect(listed.sort()).toEqual(there.sort());
  });

  it('shows events as they are told', async () => {
    const [, shown = ''] = /```text part\n([^`]*?)\n```/.exec(page) ?? [];
    const { eventText } = await import('../../src/management/event-text.ts');
    const up = eventText({ type: 'MemberUp', member: members[1] });
    const leader = eventText({ type: 'LeaderChanged', leader: members[0].node });
    expect(`${up}${leader}`.trimEnd()).toBe(shown);
  });
});
