// The process that asks and tells for one contender. Each has its own: timers, heaps and compiled code of the others'
// clients would cost whoever is measured beside them.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AskFigures, Contender } from './contender.ts';

/** Each is loaded in its driver only. `undefined` where the machine does not have what it needs. */
const makers = {
  parvi: async () => (await import('./parvi.ts')).parviContender(),
  raw: async () => (await import('./raw-sockets.ts')).rawContender(),
  nats: async () => (await import('./nats.ts')).natsContender(),
  moleculer: async () => (await import('./moleculer.ts')).moleculerContender(),
  effect: async () => (await import('./effect.ts')).effectContender(),
} satisfies Record<string, () => Promise<Contender | undefined>>;

export type ContenderName = keyof typeof makers;

type Order =
  | { readonly kind: 'tell' | 'tellThenAsk'; readonly count: number }
  | { readonly kind: 'ask'; readonly concurrency: number; readonly count: number }
  | { readonly kind: 'close' };

/** What a driver says first. */
type Introduction = Pick<Contender, 'name' | 'share'> | 'absent';
type Answer = { readonly value: unknown } | { readonly error: string };

/** The contender in a process of its own; `undefined` where it cannot run. */
export async function drivenContender(name: ContenderName): Promise<Contender | undefined> {
  const driver = fork(fileURLToPath(import.meta.url), ['driver', name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const introduction = (await nextMessage(driver)) as Introduction;
  if (introduction === 'absent') {
    driver.disconnect();
    return undefined;
  }
  const order = async (what: Order): Promise<unknown> => {
    driver.send(what);
    const answer = (await nextMessage(driver)) as Answer;
    if ('error' in answer) throw new Error(`${introduction.name}: ${answer.error}`);
    return answer.value;
  };
  return {
    ...introduction,
    tell: async (count) => (await order({ kind: 'tell', count })) as number,
    ask: async (concurrency, count) =>
      (await order({ kind: 'ask', concurrency, count })) as AskFigures,
    tellThenAsk: async (count) => (await order({ kind: 'tellThenAsk', count })) as AskFigures,
    close: async () => {
      await order({ kind: 'close' });
      driver.disconnect();
    },
  };
}

function nextMessage(driver: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`A driver of the benchmark ended with code ${code}`));
    driver.once('exit', ended);
    driver.once('message', (message) => {
      driver.off('exit', ended);
      resolve(message);
    });
  });
}

async function drive(name: ContenderName): Promise<void> {
  process.once('disconnect', () => process.exit(0));
  const contender: Contender | undefined = await makers[name]();
  if (contender !== undefined) {
    process.on('message', (order: Order) => {
      obey(contender, order).then(
        (value) => process.send?.({ value }),
        (thrown: unknown) => process.send?.({ error: String(thrown) }),
      );
    });
  }
  process.send?.(contender === undefined ? 'absent' : introductionOf(contender));
}

const introductionOf = ({ name, share }: Contender): Introduction =>
  share === undefined ? { name } : { name, share };

function obey(contender: Contender, order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'tell':
      return contender.tell(order.count);
    case 'ask':
      return contender.ask(order.concurrency, order.count);
    case 'tellThenAsk':
      return contender.tellThenAsk(order.count);
    case 'close':
      return contender.close();
  }
}

if (process.argv[2] === 'driver') await drive(process.argv[3] as ContenderName);
