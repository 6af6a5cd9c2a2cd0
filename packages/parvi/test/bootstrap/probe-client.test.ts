// The client of contact points against real HTTP servers on loopback.

import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContactPoint } from '../../src/bootstrap/index.ts';
import { httpProbeClient, type ProbeClient } from '../../src/bootstrap/probe-client.ts';
import { systemTimers } from '../../src/runtime/index.ts';
import { Authority } from '../remoting/certificates.ts';

const timers = systemTimers({ keepsProcessAlive: true });
const host = '127.0.41.70';
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function client(): ProbeClient {
  const made = httpProbeClient({ timers });
  opened.push(made);
  return made;
}

async function serve(listener: RequestListener): Promise<ContactPoint> {
  return listening(createServer(listener), 'http');
}

async function listening(server: Server, scheme: 'http' | 'https'): Promise<ContactPoint> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  opened.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  return { scheme, host, port, basePath: '' };
}

function answering(body: string, type = 'application/json', status = 200): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
}

// Recorded from Pekko Management 1.1.1.
const recorded =
  '{"seedNodes":[{"node":"pekko://mg@127.0.0.1:26801","nodeUid":-5844819917529673121,"roles":["dc-default"],"status":"Up"}],"selfNode":"pekko://mg@127.0.0.1:26803"}';

describe('a probe of a contact point', () => {
  it('reads the answer of a JVM node, with its 64-bit uid as text', async () => {
    const contactPoint = await serve(answering(recorded));
    expect(await client().probe(contactPoint, 20_000)).toEqual({
      selfNode: 'pekko://mg@127.0.0.1:26803',
      seedNodes: [{ node: 'pekko://mg@127.0.0.1:26801', nodeUid: '-5844819917529673121' }],
    });
  });

  it('needs no name service where discovery has told the address', async () => {
    let asked: string | undefined;
    const contactPoint = await serve((request, response) => {
      asked = request.headers.host;
      answering('{"seedNodes":[],"selfNode":"pekko://a@b:1"}')(request, response);
    });
    const named = { ...contactPoint, host: 'pod-1.not-in-dns.invalid', ip: host };
    expect((await client().probe(named, 20_000)).seedNodes).toEqual([]);
    expect(asked).toBe(`pod-1.not-in-dns.invalid:${contactPoint.port}`);
  });

  it('asks below the base path, and keeps its connection', async () => {
    const asked: string[] = [];
    const ports = new Set<number | undefined>();
    const contactPoint = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      ports.add(request.socket.remotePort);
      answering('{"seedNodes":[],"selfNode":"pekko://a@b:1"}')(request, response);
    });
    const one = client();
    for (let probe = 0; probe < 3; probe++) {
      await one.probe({ ...contactPoint, basePath: '/ops' }, 20_000);
    }
    expect(asked).toEqual(new Array(3).fill('GET /ops/bootstrap/seed-nodes'));
    expect(ports.size).toBe(1);
  });

  it.each([
    ['{"seedNodes":[]}', 'application/json', 200, '"selfNode"'],
    ['{"selfNode":"a","seedNodes":[{"node":5}]}', 'application/json', 200, '"seedNodes.0.node"'],
    ['<html>', 'application/json', 200, 'not JSON'],
    [recorded, 'text/plain; charset=UTF-8', 200, 'of type "text/plain; charset=UTF-8"'],
    ['', 'text/plain', 404, 'status 404, as where no bootstrap runs'],
    ['', 'text/plain', 401, 'as contact points send no credentials'],
    ['Not called "a",\ncall it b', 'text/plain', 403, 'status 403: Not called "a", call it b'],
    ['x'.repeat(300), 'text/plain; charset=UTF-8', 403, `status 403: ${'x'.repeat(200)}…`],
    [
      '<html>',
      'text/html',
      403,
      'as where credentials are asked for, or where its management.allowedHosts',
    ],
    ['x'.repeat(300_000), 'application/json', 200, 'more than 262144 bytes'],
  ])('says what is wrong with an answer (%#)', async (body, type, status, said) => {
    const contactPoint = await serve(answering(body, type, status));
    await expect(client().probe(contactPoint, 20_000)).rejects.toThrow(said);
  });

  it('says that nobody listens', async () => {
    const probing = client().probe({ scheme: 'http', host, port: 1, basePath: '' }, 20_000);
    await expect(probing).rejects.toThrow('nobody listens there');
  });

  it('ends in time, with a server that is silent and with one that never ends its answer', async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
    });
    await expect(client().probe(silent, 50)).rejects.toThrow('no answer within 50 ms');
    await expect(client().probe(endless, 50)).rejects.toThrow('no answer within 50 ms');
  });

  it('speaks TLS only with who is vouched for', async () => {
    const authority = new Authority();
    const server = createSecureServer(
      authority.issue({ name: 'node', hosts: [host] }),
      answering('{"seedNodes":[],"selfNode":"pekko://a@b:1"}'),
    );
    const contactPoint = await listening(server, 'https');
    await expect(client().probe(contactPoint, 20_000)).rejects.toThrow();
    const trusting = httpProbeClient({ timers, tls: () => ({ ca: authority.cert }) });
    opened.push(trusting);
    expect((await trusting.probe(contactPoint, 20_000)).seedNodes).toEqual([]);
  });
});
