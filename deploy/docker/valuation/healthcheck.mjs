// What HEALTHCHECK runs inside the container: asks the management server, where the node's options put it, whether the
// process is alive. Ends with 0 or 1.

import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { ownManagementUrl } from '../../../packages/parvi/src/cli/own-management.ts';

const limitMs = 2500;
const url = `${ownManagementUrl(process.env)}/alive`;
const isSecure = url.startsWith('https:');

const file = (name) => {
  const path = process.env[`PARVI_MANAGEMENT_TLS_${name}`] || undefined;
  return path === undefined ? undefined : readFileSync(path);
};

/** It asks itself, by an address that its certificate need not name; where clients need one, it shows its own. */
const ofTls = isSecure
  ? { rejectUnauthorized: false, key: file('KEY_FILE'), cert: file('CERT_FILE') }
  : {};

function failed(why) {
  process.stderr.write(`Not alive: ${why}\n`);
  process.exitCode = 1;
}

const options = { ...ofTls, signal: AbortSignal.timeout(limitMs) };
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
