// A process that contends for a lease: it asks until it gets it, says so, and goes on until it loses it or is killed.
//
//   node contender.ts OWNER NAMESPACE [API_SERVER CA_FILE TOKEN_FILE]
//
// In a pod the last three are not needed. Each line of its output is `<milliseconds since 1970> <owner> <word>`.

import { errorLine, silentLogger } from 'parvi';
import { kubernetesApi, kubernetesLease } from 'parvi/kubernetes';
import { isoTime, systemRuntime } from 'parvi/runtime';

const [owner = '', namespace = '', apiServer, caFile, tokenFile] = process.argv.slice(2);
const runtime = systemRuntime();
const say = (word: string): void => {
  process.stdout.write(`${runtime.clock.wallMs()} ${owner} ${word}\n`);
};

const api = kubernetesApi(
  {
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  },
  { runtime, environment: process.env },
);
const lease = kubernetesLease(
  { name: 'contended', owner, namespace, heartbeatTimeout: '5s', heartbeatInterval: '500ms' },
  { api, runtime, log: silentLogger },
);

async function contend(): Promise<void> {
  for (;;) {
    const isHeld = await lease
      .acquire(() => {
        say('lost');
        process.exit(3);
      })
      .catch((error: unknown) => {
        say(`failed: ${errorLine(error)}`);
        return false;
      });
    if (isHeld) {
      say('held');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

process.on('SIGTERM', () => {
  void lease.release().then(() => {
    say('released');
    process.exit(0);
  });
});
// A process does not end while it waits for its turn.
setInterval(() => undefined, 60_000);
say(`started at ${isoTime(runtime.clock.wallMs())}`);
await contend();
