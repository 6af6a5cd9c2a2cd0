// The check that keeps nodes with contradicting settings out of one cluster: the joiner sends its settings as nested
// JSON, the contact compares and answers with its own, the joiner compares in turn (Pekko `JoinConfigCompatChecker`).

import { errorLine } from '../runtime/index.ts';
import { shortText } from '../wire/index.ts';
import type { ConfigCheck } from './protocol.ts';
import type { JsonObject, JsonValue } from './settings.ts';

/** Never compared: they may differ during a rolling upgrade and are only looked at by people. */
const informational = ['pekko.version', 'akka.version'];

/** A contact without this key in a joiner's settings crashes (Pekko reads it unguarded), so it is always sent. */
const downingProvider = 'cluster.downing-provider-class';

/** Missing on the joiner's side counts as incompatible where the contact has it. */
const mustBeThere = [downingProvider, 'cluster.sharding.state-store-mode'];

/** Settings that are nobody else's business, by the start of their path. */
const sensitive = [
  'user.home',
  'user.name',
  'user.dir',
  'socksNonProxyHosts',
  'http.nonProxyHosts',
  'ftp.nonProxyHosts',
  ...['pekko', 'akka'].flatMap((root) => [
    `${root}.remote.secure-cookie`,
    `${root}.remote.classic.netty.ssl.security`,
    `${root}.remote.netty.ssl.security`,
    `${root}.remote.artery.ssl`,
  ]),
];

/** The name under which the settings of the cluster stand. */
function rootOf(own: JsonObject): string {
  return own.pekko === undefined ? 'akka' : 'pekko';
}

/** Concise JSON with keys in alphabetical order, as Pekko renders it. */
export function configText(config: JsonObject): string {
  return JSON.stringify(sorted(config));
}

export interface ContactVerdict {
  readonly check: ConfigCheck;
  /** Why it was found incompatible; for the contact's log only. */
  readonly problems: readonly string[];
}

/** The contact's side: what to answer a joiner that sent these settings. */
export function checkJoiner(joinerText: string | undefined, own: JsonObject): ContactVerdict {
  if (joinerText === undefined) {
    return { check: { verdict: 'Incompatible' }, problems: ['the joining node sent no settings'] };
  }
  const joiner = parse(joinerText);
  if (typeof joiner === 'string') return { check: { verdict: 'Incompatible' }, problems: [joiner] };
  const problems = mustBeThere
    .map((path) => `${rootOf(own)}.${path}`)
    .filter((path) => at(own, path) !== undefined && at(joiner, path) === undefined)
    .map((path) => `${path} is missing`);
  problems.push(...differences(joiner, own));
  if (problems.length > 0) return { check: { verdict: 'Incompatible' }, problems };
  const config = configText(answerTo(joiner, own, ''));
  return { check: { verdict: 'Compatible', config }, problems: [] };
}

/** The joiner's side: what speaks against the contact's settings. */
export function checkContact(contactText: string, own: JsonObject): readonly string[] {
  const contact = parse(contactText);
  if (typeof contact === 'string') return [contact];
  const problems = [...differences(contact, own)];
  const provider = `${rootOf(own)}.${downingProvider}`;
  if (at(contact, provider) === undefined) problems.push(`${provider} is missing`);
  return problems;
}

function parse(text: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
    return 'the settings are not a JSON object';
  } catch (error) {
    return `the settings cannot be read as JSON (${errorLine(error)})`;
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Settings that both sides have and that are not equal. */
function differences(theirs: JsonObject, own: JsonObject): string[] {
  const problems: string[] = [];
  for (const [path, value] of leaves(own)) {
    if (informational.includes(path)) continue;
    const other = at(theirs, path);
    if (other === undefined || JSON.stringify(other) === JSON.stringify(value)) continue;
    problems.push(`${path} is incompatible${values(path, other, value)}`);
  }
  return problems;
}

/** Both values, but none that is nobody else's business; the other side's is as long as it likes. */
function values(path: string, theirs: JsonValue, own: JsonValue): string {
  if (sensitive.some((start) => path.startsWith(start))) return '';
  return ` (${shortText(JSON.stringify(theirs))} there, ${JSON.stringify(own)} here)`;
}

/** What the joiner sent, with own values where there are some and without what is sensitive. */
function answerTo(joiner: JsonObject, own: JsonObject, prefix: string): JsonObject {
  const answer: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(joiner)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (sensitive.some((start) => path.startsWith(start))) continue;
    const mine = own[key];
    if (isJsonObject(value)) answer[key] = answerTo(value, isJsonObject(mine) ? mine : {}, path);
    else answer[key] = mine ?? value;
  }
  return answer;
}

function at(config: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = config;
  for (const key of path.split('.')) {
    if (!isJsonObject(value)) return undefined;
    value = value[key];
  }
  return value;
}

function leaves(config: JsonObject, prefix = ''): [path: string, value: JsonValue][] {
  return Object.entries(config).flatMap(([key, value]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return isJsonObject(value) ? leaves(value, path) : [[path, value] as [string, JsonValue]];
  });
}

function sorted(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}
