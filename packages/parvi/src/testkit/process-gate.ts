// What makes one of several simulated processes end or stop while the time that they share goes on: everything that its
// runtime and its network would call goes through here.

import type { InboundLink, ListenHandlers, ListenOptions, Transport } from '../remote/index.ts';
import type { Cancellable, Runtime } from '../runtime/index.ts';

export class ProcessGate {
  readonly runtime: Runtime;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #waiting: (() => void)[] = [];

  constructor(shared: Runtime) {
    const { clock, random, timers, turns } = shared;
    this.runtime = {
      clock,
      random,
      timers: {
        after: (delayMs, callback) => this.#timer((ring) => timers.after(delayMs, ring), callback),
        every: (intervalMs, callback) =>
          this.#timer((ring) => timers.every(intervalMs, ring), callback),
      },
      turns: {
        soon: (callback) => turns.soon(() => this.#run(callback)),
        settled: (callback) => turns.settled(() => this.#run(callback)),
        later: (callback) => turns.later(() => this.#run(callback)),
      },
    };
  }

  /** The network as that process sees it: what arrives in a pause waits, as in the buffers of the system. */
  transport(network: Transport): Transport {
    return {
      listen: (options) =>
        network.listen({ ...options, onLink: (link) => this.#inbound(options, link) }),
      dial: (options, handlers) => {
        const door = this.#door();
        const link = network.dial(options, {
          onOpen: () => door.pass(() => handlers.onOpen()),
          onDrain: () => door.pass(() => handlers.onDrain()),
          onClose: (error) => door.pass(() => handlers.onClose(error)),
        });
        return {
          write: (bytes) => link.write(bytes),
          close: (orderly) => {
            door.close();
            link.close(orderly);
          },
        };
      },
    };
  }

  /** Nothing of this process happens any more. */
  end(): void {
    this.#state = 'ended';
    this.#waiting = [];
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** All that fell due meanwhile happens now, in its order; what repeats, once, as in an event loop that stood still. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const callback of this.#waiting.splice(0)) this.#run(callback);
  }

  /** One whose time came in a pause can still be cancelled by what happens before it. */
  #timer(start: (ring: () => void) => Cancellable, callback: () => void): Cancellable {
    let isCancelled = false;
    let isWaiting = false;
    const timer = start(() => {
      if (isWaiting) return;
      isWaiting = true;
      this.#run(() => {
        isWaiting = false;
        if (!isCancelled) callback();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  #inbound(options: ListenOptions, link: InboundLink): ListenHandlers {
    const door = this.#door();
    let handlers: ListenHandlers | undefined;
    door.pass(() => {
      handlers = options.onLink({
        from: link.from,
        pause: () => link.pause(),
        resume: () => link.resume(),
        close: () => {
          door.close();
          link.close();
        },
      });
    });
    return {
      onData: (chunk) => door.pass(() => handlers?.onData(chunk)),
      onClose: (error) => door.pass(() => handlers?.onClose(error)),
    };
  }

  /** What is told of one link: nothing more after it was closed, even if it was told in a pause before. */
  #door() {
    let isClosed = false;
    return {
      pass: (tell: () => void) =>
        this.#run(() => {
          if (!isClosed) tell();
        }),
      close: () => {
        isClosed = true;
      },
    };
  }

  #run(callback: () => void): void {
    if (this.#state === 'running') callback();
    else if (this.#state === 'paused') this.#waiting.push(callback);
  }
}
