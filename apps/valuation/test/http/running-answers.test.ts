import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualTime } from 'parvi/testkit';
import { afterEach, expect, it } from 'vitest';
import { RunningAnswers } from '../../src/http/running-answers.ts';

const time = new ManualTime();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server whose one answer has begun, and the client that reads it. */
async function answering(headers: Record<string, string>) {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.write('begun\n');
    resolve(response);
  });
  servers.push(server);
  const answers = new RunningAnswers(server);
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  const { port } = server.address() as AddressInfo;
  const client = fetch(`http://127.0.0.1:${port}/`);
  return { answers, response: await promise, client };
}

it('waits for an answer that is being sent', async () => {
  const { answers, response, client } = await answering({ 'content-type': 'text/plain' });
  const order: string[] = [];
  const sent = answers.sent(time.timers, 3000).then(() => order.push('all sent'));
  order.push('asked to stop');
  response.end('whole');
  expect(await (await client).text()).toBe('begun\nwhole');
  await sent;
  expect(order).toEqual(['asked to stop', 'all sent']);
});

it('waits no longer than it is told to', async () => {
  const { answers } = await answering({});
  const sent = answers.sent(time.timers, 3000);
  await time.advanceAsync(3000);
  await sent;
});

it('does not wait for event streams, nor for nothing', async () => {
  const { answers } = await answering({ 'content-type': 'text/event-stream; charset=utf-8' });
  await answers.sent(time.timers, 3000);
  await new RunningAnswers(createServer()).sent(time.timers, 3000);
});
