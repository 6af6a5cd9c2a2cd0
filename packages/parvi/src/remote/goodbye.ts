// The end of this system, announced: every peer is told, may say that it heard, and then the sockets close.

import { HeaderText, noText, type UniqueAddress, uniqueAddressText } from '../wire/index.ts';
import { type Goodbye, goodbyeAcknowledged, goodbyeDone, startGoodbye } from './flush.ts';
import type { Peers } from './peers.ts';
import type { RemotingContext } from './remoting-context.ts';

export class GoodbyeRound {
  readonly #context: RemotingContext;
  readonly #peers: Peers;
  #state: Goodbye = new Map();
  #done: (() => void) | undefined;

  constructor(context: RemotingContext, peers: Peers) {
    this.#context = context;
    this.#peers = peers;
  }

  /** Resolves when all reachable peers have acknowledged, or the time for it is over. */
  run(senderPath: string): Promise<void> {
    const { self, timers, limits } = this.#context;
    const sender = new HeaderText(senderPath);
    const told = this.#peers.all
      .filter((peer) => peer.sendable && peer.uid !== undefined && peer.control.isOpen)
      .map((peer) => {
        const open = peer.streams.filter((stream) => stream.isOpen);
        const message = { kind: 'actorSystemTerminating', from: self } as const;
        const copies = open.filter((s) => s.sendControl(message, noText, sender)).length;
        const node = { address: peer.address, uid: peer.uid ?? 0n };
        return { peer: uniqueAddressText(node), copies };
      });
    this.#state = startGoodbye(told);
    if (goodbyeDone(this.#state)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = timers.after(limits.shutdownFlushMs, () => this.#done?.());
      this.#done = () => {
        this.#done = undefined;
        timer.cancel();
        resolve();
      };
    });
  }

  acknowledged(from: UniqueAddress): void {
    this.#state = goodbyeAcknowledged(this.#state, uniqueAddressText(from));
    if (goodbyeDone(this.#state)) this.#done?.();
  }
}
