// What HEALTHCHECK runs inside the container: asks the management server, where the node's options put it, whether the
// process is alive. Ends with 0 or 1.

import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';

const limitMs = 2500;
const option = (name) => process.env[`PARVI_MANAGEMENT_${name}`] || undefined;
const file = (name) => (option(name) === undefined ? undefined : readFileSync(option(name)));

const host = option('BIND_HOST') ?? option('HOST') ?? '127.0.0.1';
const everywhere = { '0.0.0.0': '127.0.0.1', '::': '::1', '[::]': '::1' };
const isSecure = option('TLS_KEY_FILE') !== undefined;
const base = (option('BASE_PATH') ?? '').replace(/^\/+|\/+$/g, '');

const asked = {
  host: (everywhere[host] ?? host).replace(/^\[|\]$/g, ''),
  port: option('BIND_PORT') ?? option('PORT') ?? '7626',
  path: `${base === '' ? '' : `/${base}`}/alive`,
  signal: AbortSignal.timeout(limitMs),
  // It asks itself, by an address that its certificate need not name; where clients need one, it shows its own.
  ...(isSecure
    ? { rejectUnauthorized: false, key: file('TLS_KEY_FILE'), cert: file('TLS_CERT_FILE') }
    : {}),
};

function failed(why) {
  process.stderr.write(`Not alive: ${why}\n`);
  process.exitCode = 1;
}

const request = (isSecure ? getSecurely : get)(asked, (answer) => {
  let text = '';
  answer.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  answer.on('end', () => {
    if (answer.statusCode !== 200) failed(`status ${answer.statusCode}: ${text}`);
  });
  answer.on('error', (error) => failed(error.message));
});
request.on('error', (error) => failed(error.message));
