// Effect Cluster: a runner with one entity in the other process, asked over its socket transport in its binary form. Runners,
// shards and messages stand in memory, nothing is persisted or traced: the fastest it has.

import { fileURLToPath } from 'node:url';
import * as NodeClusterSocket from '@effect/platform-node-shared/NodeClusterSocket';
import { Effect, Layer, Logger, ManagedRuntime, Option, Schema } from 'effect';
import {
  Entity,
  MessageStorage,
  Runner,
  RunnerAddress,
  RunnerHealth,
  RunnerStorage,
  ShardingConfig,
  SocketRunner,
} from 'effect/cluster';
import { Rpc, RpcSerialization } from 'effect/rpc';
import { type Contender, text, timeCalls } from './contender.ts';
import { isServer, serverIsReady, startServer } from './server-process.ts';

const address = RunnerAddress.make('127.0.40.8', 25_525);
const message = { n: Schema.Number, text: Schema.String };
const Far = Entity.make('Far', [
  Rpc.make('echo', { payload: message, success: Schema.Struct(message) }),
  Rpc.make('count', { payload: message }),
  Rpc.make('total', { success: Schema.Number }),
]);

/** What both sides stand on; the address is that of the runner, a client has none. */
const common = Layer.mergeAll(
  RunnerStorage.layerMemory,
  MessageStorage.layerNoop,
  RpcSerialization.layerSchemaBinary(),
  ShardingConfig.layer({ runnerAddress: Option.some(address) }),
  Logger.layer([]),
);
const transport = NodeClusterSocket.layerClientProtocol.pipe(Layer.provideMerge(common));

function serve(): void {
  let seen = 0;
  const entity = Far.toLayer(
    Far.of({
      echo: ({ payload }) => Effect.succeed(payload),
      count: () => Effect.sync(() => void seen++),
      total: () => Effect.sync(() => seen),
    }),
    { concurrency: 'unbounded' },
  );
  const runner = SocketRunner.layer.pipe(
    Layer.provide([NodeClusterSocket.layerSocketServer, RunnerHealth.layerNoop]),
    Layer.provide(transport),
  );
  const built = Layer.launch(entity.pipe(Layer.provide(runner)));
  Effect.runFork(Effect.withTracerEnabled(built, false));
  serverIsReady('up');
}

/** Puts the one runner into the client's list of runners, which would be a database that both share. */
const known = Layer.effectDiscard(
  Effect.flatMap(RunnerStorage.RunnerStorage, (storage) =>
    storage.register(Runner.make({ address, groups: ['default'], weight: 1 }), true),
  ),
);

/** Nobody waits for the entity's answer; that the runner has the message is acknowledged for each all the same. */
const discarded = { discard: true } as const;

export async function effectContender(): Promise<Contender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const client = SocketRunner.layerClientOnly.pipe(
    Layer.provideMerge(known),
    Layer.provide(transport),
  );
  const runtime = ManagedRuntime.make(client);
  const far = (await runtime.runPromise(Far.client))('one');
  const run = <T, E>(call: Effect.Effect<T, E>): Promise<T> =>
    runtime.runPromise(Effect.withTracerEnabled(call, false));
  const total = (): Promise<number> => run(far.total());
  const question = (n: number) => run(far.echo({ n, text }));
  const count = (n: number) => run(far.count({ n, text }, discarded));
  return {
    name: 'Effect Cluster',
    share: 0.1,
    async tell(messages) {
      const before = await total();
      const startMs = performance.now();
      await timeCalls(200, messages, count);
      while ((await total()) - before < messages);
      return (messages * 1000) / (performance.now() - startMs);
    },
    ask: (concurrency, asks) => timeCalls(concurrency, asks, question),
    tellThenAsk: (asks) => timeCalls(1, asks, (n) => Promise.all([count(n), question(n)])),
    async close() {
      await runtime.dispose();
      await server.stop();
    },
  };
}

if (isServer()) serve();
