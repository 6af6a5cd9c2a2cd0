// Nodes that do not fit and strangers who talk nonsense to the cluster's port: one clear line, and nobody else notices.

import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { expectEachRowOnce } from './expect-rows.ts';
import { MemberWatch } from './member-watch.ts';
import type { NodeProcess } from './node-process.ts';
import { optionLines } from './portfolios.ts';
import { jobDone, ProcessGrid } from './process-grid.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 60_000 });

let grid: ProcessGrid;
let controller: NodeProcess;
let dripper: Stranger | undefined;

beforeAll(async () => {
  grid = await ProcessGrid.create({ ports: 21_120, controllers: 1 });
  controller = grid.startController(0);
  grid.startWorker();
  await grid.untilUp(2);
  dripper = drippingStranger();
});

afterAll(async () => {
  dripper?.socket.destroy();
  await grid.stop();
});

/** The header of a stream of the cluster's protocol, with which a stranger who knows it would begin. */
const streamHeader = Buffer.from([...Buffer.from('AKKA'), 1]);

const nonsense: Readonly<Record<string, Buffer>> = {
  'random bytes': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) % 251)),
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'the hello of a TLS client': Buffer.from('16030100c5010000c10303', 'hex'),
  'a frame of 2 GB': Buffer.concat([streamHeader, Buffer.from([0xff, 0xff, 0xff, 0x7f])]),
  'a stream that there is not': Buffer.from([...Buffer.from('AKKA'), 9, 1, 0, 0, 0, 0]),
};

interface Stranger {
  readonly socket: Socket;
  readonly isClosed: () => boolean;
}

function stranger(): Stranger {
  const socket = connect(grid.clusterPort(0), '127.0.0.1');
  let closed = false;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  // Read, or the end of the connection is not seen.
  socket.resume();
  return { socket, isClosed: () => closed };
}

/** Begins a frame and then sends byte by byte, for as long as it is let. */
function drippingStranger(): Stranger {
  const dripping = stranger();
  const { socket } = dripping;
  socket.write(Buffer.concat([streamHeader, Buffer.from([0xff, 0xff, 0, 0])]));
  const drip = setInterval(() => socket.write('x'), 100);
  socket.on('close', () => clearInterval(drip));
  return dripping;
}

const refusals = () => controller.log.filter((line) => line.code === 'REMOTE_INBOUND_REFUSED');

it('strangers on the cluster port are cut off and logged once, and neither job nor cluster notices', async () => {
  const watch = await MemberWatch.open(grid.url(0));
  onTestFinished(() => watch.close());
  const trades = 30_000;
  const query = 'metric=OptionPV&engine=integral';
  const { id } = await grid.submit(0, query, optionLines(trades));
  await grid.untilJob([0, id], 'moves', (job) => jobDone(job) > 0);

  for (const [what, bytes] of Object.entries(nonsense)) {
    const strangers = Array.from({ length: 10 }, stranger);
    for (const { socket } of strangers) socket.write(bytes);
    await until(`the end of all who sent ${what}`, () =>
      strangers.every(({ isClosed }) => isClosed()),
    );
  }
  expect(jobDone(await grid.job(0, id))).toBeLessThan(trades);

  const job = await grid.untilEnded(0, id);
  expect(job).toMatchObject({ state: 'completed', priced: trades, failed: 0 });
  expectEachRowOnce(await grid.results(0, id), trades);
  expect(watch.events).toEqual([]);
  const sent = refusals().filter(({ cause }) => cause !== 'introductionTimeout');
  const causes = sent.map(({ cause }) => cause);
  expect(causes).toEqual(['wrongMagic', 'frameTooLarge', 'unknownStream']);
  expect(controller.log.filter(({ level }) => level === 'error')).toEqual([]);
});

it('a node of another cluster is refused with a line on both sides that says why', async () => {
  const other = grid.startWorker(['--system.name', 'Elsewhere']);
  const line = await other.untilLogged("Couldn't join seed nodes");
  expect(line).toMatchObject({ level: 'warn' });
  expect(line.message).toContain(`Elsewhere@${grid.clusterAddress(0)}`);
  expect(line.message).toContain('have the system name [Elsewhere]');
  const refusal = await controller.untilLogged('Handshake was refused');
  expect(refusal).toMatchObject({
    level: 'warn',
    own: `pekko://Valuation@${grid.clusterAddress(0)}`,
    to: `pekko://Elsewhere@${grid.clusterAddress(0)}`,
  });
  expect(controller.logged('Handshake was refused').length).toBe(1);
  expect((await grid.view()).nodes.length).toBe(2);
  expect(await other.end('SIGTERM')).toMatchObject({ code: 0 });
});

it('a node whose seed nodes do not answer says which, goes on trying, and joins when they come', async () => {
  const seeds = ['--cluster.seed-nodes', `${grid.clusterAddress(1)},${grid.clusterAddress(2)}`];
  const early = grid.startWorker(seeds);
  const line = await early.untilLogged("Couldn't join seed nodes");
  expect(line.message).toContain(grid.clusterAddress(1));
  expect(line.message).toContain(grid.clusterAddress(2));
  expect(early.isRunning).toBe(true);

  grid.startController(1, seeds);
  const { nodes, cluster } = await grid.untilUp(2, 1);
  expect(nodes.map(({ roles }) => roles)).toEqual(expect.arrayContaining([['ctrl'], ['valeng']]));
  expect(cluster.selfAddress).toContain(grid.clusterAddress(1));
});

it('a port in use is said in one line that tells what to do, and ends the process with 1', async () => {
  const bound = grid.startController(0);
  const remote = await bound.untilExited();
  const http = grid.startNode('controller', [
    '--remote.port',
    '0',
    '--http.port',
    String(grid.httpPort(0)),
  ]);
  const httpExit = await http.untilExited();

  expect(remote).toEqual({ code: 1, signal: null });
  expect(spoken(bound)).toEqual([
    `valuation: Cannot listen on "${grid.clusterAddress(0)}": the port is in use; stop the process that holds it or set another port (REMOTE_BIND_FAILED)`,
  ]);
  expect(httpExit).toEqual({ code: 1, signal: null });
  expect(spoken(http)).toEqual([
    `valuation: Cannot listen on 127.0.0.1:${grid.httpPort(0)} for HTTP: the port is in use: stop what uses it, or choose another with --http.port (HTTP_LISTEN_FAILED)`,
  ]);
});

it('a stranger who sends byte by byte without ever introducing himself is cut off in time', async () => {
  await until('the end of the connection', () => dripper?.isClosed(), { timeoutMs: 30_000 });
  const line = await until('its line in the log', () =>
    refusals().find(({ cause }) => cause === 'introductionTimeout'),
  );
  expect(line.level).toBe('warn');
  expect(line.message).toContain('Inbound connection was closed');
  expect((await grid.untilUp(2)).nodes.length).toBe(2);
});

/** What a node says besides its log. */
const spoken = (node: NodeProcess): string[] =>
  node.errors.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
