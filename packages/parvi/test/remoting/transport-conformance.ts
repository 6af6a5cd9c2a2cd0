// What every transport must do, whatever carries the bytes. Run by the test of each implementation.

import { describe, expect, it } from 'vitest';
import type {
  InboundLink,
  Listener,
  ListenHandlers,
  OutboundLink,
  Transport,
} from '../../src/remote/index.ts';

export interface TransportFixture {
  readonly transport: Transport;
  readonly host: string;
  /** Lets the network work until the condition holds; fails when it never does. */
  until(condition: () => boolean): Promise<void>;
}

interface Received {
  readonly link: InboundLink;
  bytes: Buffer;
  closed: boolean;
}

class Server {
  readonly received: Received[] = [];
  listener: Listener | undefined;

  async listen(fixture: TransportFixture): Promise<number> {
    this.listener = await fixture.transport.listen({
      host: fixture.host,
      port: 0,
      onLink: (link) => this.#accept(link),
    });
    return this.listener.port;
  }

  #accept(link: InboundLink): ListenHandlers {
    const entry: Received = { link, bytes: Buffer.alloc(0), closed: false };
    this.received.push(entry);
    return {
      onData: (chunk) => {
        entry.bytes = Buffer.concat([entry.bytes, chunk]);
      },
      onClose: () => {
        entry.closed = true;
      },
    };
  }
}

class Client {
  opened = false;
  drained = 0;
  closes: (Error | undefined)[] = [];
  readonly link: OutboundLink;

  constructor(fixture: TransportFixture, port: number) {
    this.link = fixture.transport.dial(
      { host: fixture.host, port, timeoutMs: 2000 },
      {
        onOpen: () => {
          this.opened = true;
        },
        onDrain: () => {
          this.drained++;
        },
        onClose: (error) => {
          this.closes.push(error);
        },
      },
    );
  }
}

/** `make` gives a fresh network for each test. */
export function transportConformance(name: string, make: () => TransportFixture): void {
  describe(name, () => {
    it('carries bytes in order from the dialler to the listener', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened);
      client.link.write(Buffer.from('hello '));
      client.link.write(Buffer.from('world'));
      await fixture.until(() => server.received[0]?.bytes.toString() === 'hello world');
      client.link.close(false);
      await server.listener?.close();
    });

    it('lets memory be reused at once after a write that was taken, and after the drain otherwise', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened);
      const block = Buffer.alloc(64 * 1024);
      let written = 0;
      let drains = 0;
      for (let i = 0; i < 60; i++) {
        block.fill(i);
        const taken = client.link.write(block);
        written += block.length;
        if (taken) continue;
        const before = client.drained;
        await fixture.until(() => client.drained > before);
        drains++;
      }
      await fixture.until(() => server.received[0]?.bytes.length === written);
      const { bytes } = server.received[0] as Received;
      for (let i = 0; i < 60; i++) {
        expect(bytes[i * block.length]).toBe(i);
        expect(bytes[(i + 1) * block.length - 1]).toBe(i);
      }
      expect(client.drained).toBe(drains);
      client.link.close(false);
      await server.listener?.close();
    });

    it('holds the writer back while the reader pauses', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened && server.received.length === 1);
      server.received[0]?.link.pause();
      const block = Buffer.alloc(256 * 1024);
      let taken = 0;
      while (client.link.write(block) && taken < 400) taken++;
      expect(taken).toBeLessThan(400);
      server.received[0]?.link.resume();
      await fixture.until(() => client.drained === 1);
      client.link.close(false);
      await server.listener?.close();
    });

    it('delivers what was written before an orderly close', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened);
      client.link.write(Buffer.from('last words'));
      client.link.close(true);
      await fixture.until(() => server.received[0]?.closed === true);
      expect(server.received[0]?.bytes.toString()).toBe('last words');
      expect(client.closes).toEqual([]);
      await server.listener?.close();
    });

    it('tells the dialler once when the listener closes the link', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened && server.received.length === 1);
      server.received[0]?.link.close();
      await fixture.until(() => client.closes.length > 0);
      expect(client.closes).toHaveLength(1);
      expect(client.link.write(Buffer.from('x'))).toBe(true);
      await server.listener?.close();
    });

    it('tells the dialler why when nobody listens', async () => {
      const fixture = make();
      const server = new Server();
      const port = await server.listen(fixture);
      await server.listener?.close();
      const client = new Client(fixture, port);
      await fixture.until(() => client.closes.length > 0);
      expect(client.opened).toBe(false);
      expect(client.closes[0]).toBeInstanceOf(Error);
    });

    it('refuses an address that is taken, and says what to do', async () => {
      const fixture = make();
      const server = new Server();
      const port = await server.listen(fixture);
      const again = fixture.transport.listen({
        host: fixture.host,
        port,
        onLink: () => ({ onData: () => undefined, onClose: () => undefined }),
      });
      await expect(again).rejects.toMatchObject({
        code: 'REMOTE_BIND_FAILED',
        message: expect.stringContaining('the port is in use'),
      });
      await server.listener?.close();
    });

    it('keeps open links when the listener is closed', async () => {
      const fixture = make();
      const server = new Server();
      const client = new Client(fixture, await server.listen(fixture));
      await fixture.until(() => client.opened);
      await server.listener?.close();
      client.link.write(Buffer.from('still here'));
      await fixture.until(() => server.received[0]?.bytes.toString() === 'still here');
      client.link.close(false);
    });
  });
}
