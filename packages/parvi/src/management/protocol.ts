// What passes between the server and the routes: requests and answers as plain values, so that routes know nothing of
// sockets and tests need none.

/** A request whose head has been read. */
export interface ManagementRequest {
  /** As sent, upper case. */
  readonly method: string;
  /** Below the base path, not decoded, beginning with `/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. Where a header was sent more than once, as Node joins them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Address of the client. */
  readonly client: string;
  /** The body, read when asked for, within the limits of the server. */
  body(): Promise<Uint8Array>;
}

/** A whole answer. Its length is told to the client. */
export interface FullAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where a stream of text goes to. */
export interface TextSink {
  /** Chunks that were written and have not left the process. */
  readonly waiting: number;
  write(chunk: string): void;
  end(): void;
}

/** An answer that goes on until one of both sides ends it. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Called once the head is sent; what it returns is called when the client has gone or the server closes. */
  readonly stream: (sink: TextSink) => () => void;
}

export type Answer = FullAnswer | StreamAnswer;

/** `rest`: what follows the path of the route and a slash, decoded. */
export type Handler = (request: ManagementRequest, rest: string) => Answer | Promise<Answer>;

/** Who may call a route where authentication is on: health and bootstrap may be left open. */
export type RouteGroup = 'health' | 'bootstrap' | 'other';

export interface Route {
  /** Begins with `/`. */
  readonly path: string;
  /** `exact`: this path; `slash`: also with a slash at its end; `below`: whatever follows it and a slash. */
  readonly match: 'exact' | 'slash' | 'below';
  readonly group: RouteGroup;
  /** In the order in which they are told to who asked with another one. */
  readonly methods: Readonly<Record<string, Handler>>;
  /** Answers all other methods. Left out: 405 with the methods that there are. */
  readonly otherwise?: Handler;
}
