// cluster tail: what happens in the cluster, for as long as a person or a script wants to know. Nodes that are asked may go:
// the tail then goes on at the same address, which may be the name of a service and lead to another node, and shows
// what it missed meanwhile. Each break is told on standard error.

import { type Cancellable, isoTime, type Timers } from '../runtime/index.ts';
import type { CliContext } from './context.ts';
import { CliError } from './exit-codes.ts';
import type { ManagementClient } from './management-client.ts';
import { ShownCluster, type ShownEvent } from './shown-cluster.ts';
import { jsonText, plain } from './terminal.ts';
import type { EventView } from './views.ts';

/** After a stream that was fine: at a service, other nodes answer at once. */
const soonMs = 100;
const retryMs = 1000;
/** What tells where things stand comes at once; when nothing has come for so long, it is over. */
const quietMs = 300;
/** Of so many addresses it is known who was there. */
const addressesMax = 1000;

/** @throws CliError `CLI_INTERRUPTED` in the end, and what goes wrong before the first event */
export function tail(context: CliContext): Promise<never> {
  return new Tail(context).run();
}

class Tail {
  readonly #context: CliContext;
  readonly #client: ManagementClient;
  readonly #shown = new ShownCluster();
  readonly #uids = new Uids();
  #wasThere = false;
  /** When the last stream that was fine ended; `undefined` while there is one. */
  #endedMs: number | undefined;
  #begunMs = 0;
  #missed = 0;
  #said = '';

  constructor(context: CliContext) {
    this.#context = context;
    this.#client = context.client();
  }

  async run(): Promise<never> {
    const { clock, interrupted } = this.#context;
    while (!interrupted.aborted) {
      const why = await this.#follow();
      if (interrupted.aborted) break;
      const waitMs = this.#endedMs === undefined ? soonMs : retryMs;
      this.#endedMs ??= clock.nowMs();
      this.#say(`${why}; asking again`);
      await this.#context.pause(waitMs);
    }
    throw new CliError('CLI_INTERRUPTED', 'Interrupted');
  }

  /** Shows one stream of events to its end; why it ended. */
  async #follow(): Promise<string> {
    const { clock, interrupted, timers } = this.#context;
    const { base } = this.#client;
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    interrupted.addEventListener('abort', stop, { once: true });
    try {
      const events = await unlessStopped(this.#client.events(enough.signal), enough.signal);
      this.#begunMs = clock.nowMs();
      this.#shown.begin();
      for await (const event of withQuiet(events, enough.signal, timers)) {
        if (event === undefined) {
          if (!this.#settle()) return `The node at ${base} is no member yet`;
          continue;
        }
        this.#wasThere = true;
        this.#show(this.#shown.take(event));
        // What a node publishes after that is its own end, not the cluster's.
        if (event.type === 'ClusterShuttingDown') return `The node at ${base} has left`;
      }
      return `The events of ${base} ended`;
    } catch (error) {
      // At first a wrong address is more likely than a node that comes back.
      const mayComeBack = error instanceof CliError && error.code === 'CLI_UNREACHABLE';
      if (!mayComeBack || !this.#wasThere) throw error;
      return error.message.split(';')[0] ?? error.message;
    } finally {
      interrupted.removeEventListener('abort', stop);
      enough.abort();
    }
  }

  /** Whether the node that answers knows where things stand. */
  #settle(): boolean {
    const events = this.#shown.settle();
    if (events === undefined) return false;
    this.#show(events);
    if (this.#endedMs !== undefined) {
      const seconds = ((this.#begunMs - this.#endedMs) / 1000).toFixed(1);
      const missed = this.#missed === 0 ? 'nothing was missed' : `${this.#missed} were missed`;
      this.#say(`The events of ${this.#client.base} go on after ${seconds} s, ${missed}`);
    }
    this.#endedMs = undefined;
    this.#missed = 0;
    this.#said = '';
    return true;
  }

  #show(events: readonly ShownEvent[]): void {
    for (const { member } of events) if (member !== undefined) this.#uids.add(member.uniqueAddress);
    for (const event of events) {
      if (event.missed === true) this.#missed++;
      const { address = '' } = event.member?.uniqueAddress ?? {};
      printEvent(this.#context, event, this.#uids.isShared(address));
    }
  }

  /** A reason that lasts is told once. */
  #say(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#context.terminal.error(text);
  }
}

/** @throws CliError `CLI_INTERRUPTED` when that comes first */
async function unlessStopped<T>(coming: Promise<T>, stopped: AbortSignal): Promise<T> {
  const stop = Promise.withResolvers<never>();
  const onStop = (): void => stop.reject(new CliError('CLI_INTERRUPTED', 'Interrupted'));
  stopped.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([coming, stop.promise]);
  } finally {
    stopped.removeEventListener('abort', onStop);
    coming.catch(() => undefined);
  }
}

/** The events, and once an `undefined` when nothing has come for a while; ends when `stopped` does. */
async function* withQuiet(
  events: AsyncGenerator<EventView>,
  stopped: AbortSignal,
  timers: Timers,
): AsyncGenerator<EventView | undefined> {
  let coming: Promise<IteratorResult<EventView>> | undefined;
  let wasQuiet = false;
  const stop = Promise.withResolvers<'stopped'>();
  const onStop = (): void => stop.resolve('stopped');
  stopped.addEventListener('abort', onStop, { once: true });
  try {
    while (!stopped.aborted) {
      coming ??= events.next();
      const quiet = Promise.withResolvers<'quiet'>();
      const timer: Cancellable | undefined = wasQuiet
        ? undefined
        : timers.after(quietMs, () => quiet.resolve('quiet'));
      const got = await Promise.race([coming, stop.promise, quiet.promise]).finally(() =>
        timer?.cancel(),
      );
      if (got === 'stopped') return;
      if (got === 'quiet') {
        wasQuiet = true;
        yield undefined;
        continue;
      }
      coming = undefined;
      if (got.done === true) return;
      yield got.value;
    }
  } finally {
    stopped.removeEventListener('abort', onStop);
    coming?.catch(() => undefined);
    void events.return(undefined).catch(() => undefined);
  }
}

/** Addresses with the uids that were seen there: a node that was started anew has the address of the one before. */
class Uids {
  readonly #byAddress = new Map<string, Set<string>>();

  add({ address, longUid }: { readonly address: string; readonly longUid: string }): void {
    const uids = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, uids.add(String(longUid)));
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > addressesMax && oldest !== undefined) {
      this.#byAddress.delete(oldest);
    }
  }

  isShared(address: string): boolean {
    return (this.#byAddress.get(address)?.size ?? 0) > 1;
  }
}

function printEvent(context: CliContext, event: ShownEvent, withUid: boolean): void {
  const { terminal, clock } = context;
  const time = isoTime(clock.wallMs());
  if (context.json()) terminal.out(jsonText({ time, ...event }));
  else terminal.out(`${terminal.style('dim', time)}  ${plain(eventLine(event, withUid))}`);
}

function eventLine(event: ShownEvent, withUid: boolean): string {
  const { type, member, address, role, previousStatus, dataCenter } = event;
  const about =
    member === undefined
      ? [role, address ?? (type.endsWith('LeaderChanged') ? 'nobody' : undefined), dataCenter]
      : [
          member.uniqueAddress.address,
          withUid ? `uid ${member.uniqueAddress.longUid}` : undefined,
          `[${member.roles.join(',')}]`,
          previousStatus && `was ${previousStatus}`,
        ];
  const when =
    event.already === true ? '(already)' : event.missed === true ? '(missed)' : undefined;
  const all = [type.padEnd(17), ...about, when];
  return all.filter((part) => part !== undefined && part !== '').join(' ');
}
