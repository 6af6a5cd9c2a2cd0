// `npm run gateway`: a grid of two controllers and two workers behind the real Envoy, until it is told to stop.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithReader, wordsOfCommand } from '../../scripts/command.ts';
import { GatewayGrid } from './gateway-grid.ts';

wordsOfCommand({ options: {} });
endWithReader();

const stopped = new Promise<NodeJS.Signals>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
});
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

say('Starting two controllers, two workers and Envoy');
const gateway = await GatewayGrid.start({ ports: 28_040 });
const authority = join(gateway.files.folder, 'ca.crt');
writeFileSync(authority, gateway.authority.cert);
const below = gateway.url.slice(0, -1);
say(`
page         ${gateway.url}
TLS          ${gateway.secureUrl} (curl --cacert ${authority})
Envoy        ${gateway.adminUrl} (/clusters, /stats)
controllers  ${gateway.grid.url(0)} (pid ${gateway.controllers[0]?.pid}), ${gateway.grid.url(1)} (pid ${gateway.controllers[1]?.pid})

npx valuation --url ${below} submit BOOK.csv --follow
kill -9, -STOP or -TERM a controller and see that reads go on. Ctrl-C ends all of it.`);
await stopped;
say('Stopping');
await gateway.stop();
process.exit(0);
