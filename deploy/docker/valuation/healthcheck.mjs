// What HEALTHCHECK runs inside the container: asks the management server, where the node's options put it, whether the
// process is alive. Ends with 0 or 1.

import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { ownManagementUrl } from '../../../packages/parvi/src/cli/own-management.ts';

const limitMs = 2500;
const option = (name) => process.env[`PARVI_MANAGEMENT_${name}`]?.trim() || undefined;
const path = (option('HEALTH_PATHS_ALIVE') ?? 'alive').replace(/^\/+|\/+$/g, '');
const url = `${ownManagementUrl(process.env)}/${path}`;
const isSecure = url.startsWith('https:');

const file = (name) => {
  const place = option(name);
  return place === undefined ? undefined : readFileSync(place);
};

/** What the node asks for, where it does so for its health too. */
function credentials() {
  if (!/^(true|on|yes|1)$/i.test(option('AUTHENTICATION_HEALTH') ?? '')) return {};
  const secret =
    option('AUTHENTICATION_SECRET') ?? String(file('AUTHENTICATION_SECRET_FILE')).trim();
  if (option('AUTHENTICATION_SCHEME') === 'bearer') return { authorization: `Bearer ${secret}` };
  const basic = Buffer.from(`${option('AUTHENTICATION_USER') ?? 'parvi'}:${secret}`);
  return { authorization: `Basic ${basic.toString('base64')}` };
}

/** It asks itself, by an address that its certificate need not name; where clients need one, it shows its own. */
const ofTls = isSecure
  ? { rejectUnauthorized: false, key: file('TLS_KEY_FILE'), cert: file('TLS_CERT_FILE') }
  : {};

function failed(why) {
  process.stderr.write(`Not alive: ${why}\n`);
  process.exitCode = 1;
}

// By this name it may be called whatever others are allowed to call it.
const headers = { host: 'localhost', ...credentials() };
const options = { ...ofTls, headers, signal: AbortSignal.timeout(limitMs) };
const request = (isSecure ? getSecurely : get)(url, options, (answer) => {
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
