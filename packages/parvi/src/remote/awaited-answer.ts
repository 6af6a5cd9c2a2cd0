// Whether the other end of a link still answers. Each handshake request is answered on the peer's own control stream; a
// link into which requests go while no answer comes is half open: the peer has gone, or the way to it, without a word.

/**
 * Half of the time after which a partition is decided, so that a peer that has moved to another address is found there
 * before it counts as lost.
 */
const patienceMsMax = 10_000;

export class AwaitedAnswer {
  readonly #patienceMs: number;
  #askedAtMs: number | undefined;
  #hasCome = false;

  /** @param timeoutMs of handshakes; nobody is waited for longer than that, nor longer than 10 s */
  constructor(timeoutMs: number) {
    this.#patienceMs = Math.min(timeoutMs, patienceMsMax);
  }

  /** A request went into the link. */
  asked(nowMs: number): void {
    this.#askedAtMs ??= nowMs;
  }

  /** An answer came; `true` when it is the first on this link. */
  came(): boolean {
    const isFirst = !this.#hasCome;
    this.#hasCome = true;
    this.#askedAtMs = undefined;
    return isFirst;
  }

  /** Whether it is sure who listens: somebody may have taken the place of the peer that we knew. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** There is no link any more that could be asked. */
  linkLost(): void {
    this.#askedAtMs = undefined;
    this.#hasCome = false;
  }

  /** How long the first request without answer is out, when that is too long. */
  overdueMs(nowMs: number): number | undefined {
    if (this.#askedAtMs === undefined) return undefined;
    const waitedMs = nowMs - this.#askedAtMs;
    return waitedMs >= this.#patienceMs ? waitedMs : undefined;
  }
}
