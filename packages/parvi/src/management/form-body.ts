// Forms as clients send them: URL-encoded or as multipart (RFC 7578). Fields are text; files have no place here.

import { textAnswer } from './answers.ts';
import type { FullAnswer, ManagementRequest } from './protocol.ts';

const urlEncoded = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data';

/** The fields of a form, the first of each name; or the answer to a body that is none. */
export async function formOf(
  request: ManagementRequest,
): Promise<ReadonlyMap<string, string> | FullAnswer> {
  const header = request.headers['content-type'] ?? '';
  const type = mediaType(header);
  const body = await request.body();
  if (type === '' && body.length === 0) return new Map();
  if (type === urlEncoded) return urlEncodedFields(textOf(body));
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(header);
  if (type === multipart && boundary !== null) {
    return multipartFields(textOf(body), boundary[1] ?? boundary[2] ?? '');
  }
  const shown = type === '' ? 'application/octet-stream' : header.slice(0, 100);
  return textAnswer(
    415,
    `The request's Content-Type [${shown}] is not supported. Expected:\n${urlEncoded} or ${multipart}`,
  );
}

export function isForm(
  form: ReadonlyMap<string, string> | FullAnswer,
): form is ReadonlyMap<string, string> {
  return form instanceof Map;
}

function mediaType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function urlEncodedFields(text: string): ReadonlyMap<string, string> {
  return firstOfEach([...new URLSearchParams(text)]);
}

function multipartFields(text: string, boundary: string): ReadonlyMap<string, string> {
  // The first part follows a preamble that means nothing, the last one the boundary with two dashes.
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`).slice(1);
  return firstOfEach(parts.flatMap(fieldOf));
}

function fieldOf(part: string): [string, string][] {
  const at = part.indexOf('\r\n\r\n');
  if (part.startsWith('--') || at < 0) return [];
  const name = /^content-disposition:[^\r]*;\s*name="([^"\r]*)"/im.exec(part.slice(0, at))?.[1];
  return name === undefined ? [] : [[name, part.slice(at + 4)]];
}

function firstOfEach(fields: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const [name, value] of fields) if (!first.has(name)) first.set(name, value);
  return first;
}
