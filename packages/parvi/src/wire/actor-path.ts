// The text form of actor paths, as it stands in envelopes, inside payloads and in compression tables:
// `pekko://sys@host:port/user/a/b#-77`. Names keep their percent escapes; Pekko compares them as written.

import { type Address, addressText, parseWireAddress } from './address.ts';
import { shortText, WireError } from './errors.ts';

export interface ActorPathText {
  /** Absent when the text starts with `/`. */
  readonly address?: Address;
  /** From the root downwards; empty for the root itself. */
  readonly elements: readonly string[];
  /** Incarnation of the actor, signed 32 bits; 0 means any. */
  readonly uid: number;
}

const elementPattern = /^(?:[-\w:@&=+,.!~*'_;$]|%[0-9a-fA-F]{2})+$/;
const uidPattern = /^-?[0-9]{1,10}$/;

/**
 * Whether the text can be one element of a path: ASCII letters, digits, `-_.*$+:@&=,!~';` and `%XX`
 * (Pekko `ActorPath.isValidPathElement`). Names chosen by users must not start with `$`, and are not `.` or `..`, which
 * lead elsewhere in a selection.
 */
export function isValidPathElement(name: string): boolean {
  return elementPattern.test(name) && !name.startsWith('$') && name !== '.' && name !== '..';
}

/** Turns any text into a valid path element by percent-encoding what is not allowed (UTF-8). */
export function encodePathElement(name: string): string {
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E');
  return encodeURIComponent(name).replace(/[()]/g, (character) =>
    character === '(' ? '%28' : '%29',
  );
}

/**
 * Reads an actor path. The root needs its slash (`pekko://sys@host:port/`): without it Pekko resolves dead letters,
 * so it is refused here.
 *
 * @throws WireError `ACTOR_PATH_INVALID`
 */
export function parseActorPath(text: string): ActorPathText {
  const hash = text.lastIndexOf('#');
  const body = hash < 0 ? text : text.slice(0, hash);
  const uid = hash < 0 ? 0 : parseUid(text, text.slice(hash + 1));
  const schemeEnd = body.indexOf('://');
  const pathStart = body.indexOf('/', schemeEnd < 0 ? 0 : schemeEnd + 3);
  if (pathStart < 0) throw invalidPath(text, 'it has no slash after the address');
  const elements = splitElements(text, body.slice(pathStart + 1));
  if (pathStart === 0) return { elements, uid };
  const address = parseWireAddress(body.slice(0, pathStart));
  if (address === undefined) throw invalidPath(text, 'its address cannot be read');
  return { address, elements, uid };
}

/** The text of a path; the inverse of {@link parseActorPath}. */
export function actorPathText(path: ActorPathText): string {
  const prefix = path.address === undefined ? '' : addressText(path.address);
  const suffix = path.uid === 0 ? '' : `#${path.uid}`;
  return `${prefix}/${path.elements.join('/')}${suffix}`;
}

/** The recipient of every selection sent to that system: its root guardian. */
export function rootPathText(address: Address): string {
  return `${addressText(address)}/`;
}

function parseUid(text: string, digits: string): number {
  const uid = Number(digits);
  if (!uidPattern.test(digits) || uid !== (uid | 0)) {
    throw invalidPath(text, 'the part after "#" is not a signed 32-bit number');
  }
  return uid;
}

function splitElements(text: string, path: string): string[] {
  if (path === '') return [];
  const elements = path.split('/');
  for (const element of elements) {
    if (!elementPattern.test(element)) {
      throw invalidPath(text, `"${shortText(element)}" is not a name of an actor`);
    }
  }
  return elements;
}

function invalidPath(text: string, reason: string): WireError {
  const shown = shortText(text);
  return new WireError('ACTOR_PATH_INVALID', `Cannot read the actor path "${shown}": ${reason}`, {
    fields: { path: shown },
  });
}
