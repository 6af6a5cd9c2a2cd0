// Listens, accepts within limits, and looks after the accepted connections.

import { HeldBack } from './held-back.ts';
import {
  type ConnectionOwner,
  type FrameHandler,
  InboundConnection,
} from './inbound-connection.ts';
import type { RemotingContext } from './remoting-context.ts';
import type { InboundLink, Listener, ListenHandlers, Transport } from './transport.ts';

const ignoring: ListenHandlers = { onData: () => undefined, onClose: () => undefined };

export class InboundServer {
  readonly #connections = new Set<InboundConnection>();
  readonly #owner: ConnectionOwner = {
    strangerBytes: 0,
    heldBack: new HeldBack(),
    ended: (connection) => this.#connections.delete(connection),
  };
  #listener: Listener | undefined;
  #context: RemotingContext | undefined;
  #handler: FrameHandler | undefined;

  /** Begins to listen; connections are taken only after {@link accept}. Returns the port. */
  async listen(transport: Transport, host: string, port: number): Promise<number> {
    this.#listener = await transport.listen({ host, port, onLink: (link) => this.#onLink(link) });
    return this.#listener.port;
  }

  accept(context: RemotingContext, handler: FrameHandler): void {
    this.#context = context;
    this.#handler = handler;
  }

  tick(): void {
    for (const connection of [...this.#connections]) connection.tick();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#handler = undefined;
    for (const connection of [...this.#connections]) connection.close();
  }

  #onLink(link: InboundLink): ListenHandlers {
    const context = this.#context;
    const handler = this.#handler;
    if (context === undefined || handler === undefined) {
      link.close();
      return ignoring;
    }
    if (this.#connections.size >= context.limits.inboundConnectionsMax && !this.#makeRoom()) {
      this.#tooMany(context, link);
      return ignoring;
    }
    const connection = new InboundConnection(link, context, handler, this.#owner);
    this.#connections.add(connection);
    return connection;
  }

  /** Those of peers that never answered us cannot hold all places: the oldest of them goes. */
  #makeRoom(): boolean {
    for (const connection of this.#connections) {
      if (connection.isAnswered) continue;
      connection.displace();
      return true;
    }
    return false;
  }

  #tooMany(context: RemotingContext, link: InboundLink): void {
    context.telemetry.refused('connectionLimit');
    context.complaints.write(
      'connectionLimit',
      'warn',
      {
        from: link.from,
        inboundConnectionsMax: context.limits.inboundConnectionsMax,
        code: 'REMOTE_INBOUND_REFUSED',
      },
      'Inbound connection was closed because too many are open; raise inboundConnectionsMax if they are legitimate',
    );
    link.close();
  }
}
