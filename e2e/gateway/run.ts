// `npm run gateway`: a grid of two controllers and two workers behind the real Envoy, until it is told to stop.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../../apps/valuation/test/acceptance/process-grid.ts';
import { endWithReader, toldToStop, wordsOfCommand } from '../../scripts/command.ts';
import { GatewayGrid } from './gateway-grid.ts';

const usage = `npm run gateway                          a real Envoy before two controllers and two workers, until Ctrl-C
npm run gateway -- --test                tries it under load and outages
npm run gateway -- --test limits.test.ts  one file of these tests
`;
const ports = 28_040;
/** A machine that is busy with other things starts four nodes slowly. */
const startMsMax = 120_000;

const { values } = wordsOfCommand({ options: { help: { type: 'boolean' } } });
endWithReader();
if (values.help === true) {
  process.stdout.write(usage);
  process.exit(0);
}

const stopped = toldToStop();
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

say('Starting two controllers, two workers and Envoy');
const gateway = await GatewayGrid.start({ ports, startMsMax }).catch((error: Error) => {
  const logs = join(artifacts, 'acceptance', String(ports));
  process.stderr.write(
    `Cannot start the grid: ${error.message}\nLogs of its nodes are in ${logs}\n`,
  );
  process.exit(1);
});
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
