// The port to the network: one-way byte links between nodes. Implemented over TCP and in memory (tests, testkit).
//
// A link carries bytes from the side that dialled to the side that listens, and nothing back: replies take a link of
// their own. Links know nothing of frames, streams or peers.

/** What the dialling side is told about its link. Each link ends with exactly one `onClose`. */
export interface DialHandlers {
  /** The link is open; writing may begin. */
  onOpen(): void;
  /** Everything handed to `write` so far has left, after a `write` that answered `false`. */
  onDrain(): void;
  /** The link failed (`error`) or was ended by the other side. Not called after `close()`. */
  onClose(error: Error | undefined): void;
}

export interface DialOptions {
  /** Host name or IP address; a name is looked up anew for each dial. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Local address to dial from, when the host has several. */
  readonly localHost?: string;
}

export interface OutboundLink {
  /**
   * Sends the bytes. `true`: they have left and the caller may reuse their memory at once. `false`: the link keeps
   * them; leave their memory alone and write nothing more until `onDrain`.
   */
  write(bytes: Uint8Array): boolean;
  /** Ends the link; `orderly` lets what was written arrive first. */
  close(orderly: boolean): void;
}

export interface ListenHandlers {
  onData(chunk: Uint8Array): void;
  /** The link ended or failed. Not called after `close()`. */
  onClose(error: Error | undefined): void;
}

export interface InboundLink {
  /** Where it comes from, as the network says, such as `127.0.0.1:40312`; for logs only. */
  readonly from: string;
  /** Stops and continues reading, so that the network holds the sender back. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface Listener {
  readonly port: number;
  /** Stops accepting; links that are open stay. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly onLink: (link: InboundLink) => ListenHandlers;
}

export interface Transport {
  /** @throws RemoteError `REMOTE_BIND_FAILED` when the address cannot be listened on. */
  listen(options: ListenOptions): Promise<Listener>;
  dial(options: DialOptions, handlers: DialHandlers): OutboundLink;
  /** Gives up what it holds besides links and listeners. */
  close?(): void;
}
