// Answers in the words of Pekko Management and of the server below it (pekko-http, `RejectionHandler` and the default
// messages of `StatusCodes`), so that its clients read ours alike.

import { type JsonValue, jsonText } from './json-text.ts';
import type { FullAnswer } from './protocol.ts';

export function textAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): FullAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=UTF-8', ...headers }, body };
}

export function jsonAnswer(value: JsonValue, status = 200): FullAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: jsonText(value) };
}

/** `{"message": …}`, which is how commands are answered. */
export function messageAnswer(message: string, status = 200): FullAnswer {
  return jsonAnswer({ message }, status);
}

export const ok: FullAnswer = textAnswer(200, 'OK');

export const notFound: FullAnswer = textAnswer(404, 'The requested resource could not be found.');

export const failed: FullAnswer = textAnswer(500, 'There was an internal server error.');

/** For methods that read-only mode hides. */
export const methodHidden: FullAnswer = textAnswer(
  405,
  'A request was made of a resource using a request method not supported by that resource;',
);

export const forbidden: FullAnswer = textAnswer(
  403,
  'The request was a legal request, but the server is refusing to respond to it.',
);

export function methodRefused(methods: readonly string[]): FullAnswer {
  const names = methods.join(', ');
  return textAnswer(405, `HTTP method not allowed, supported methods: ${names}`, { allow: names });
}

export function fieldMissing(name: string): FullAnswer {
  return textAnswer(400, `Request is missing required form field '${name}'`);
}

/** Pekko takes it for a path that does not exist. */
export function parameterMissing(name: string): FullAnswer {
  return textAnswer(404, `Request is missing required query parameter '${name}'`);
}

export function parameterMalformed(name: string, why: string): FullAnswer {
  return textAnswer(400, `The query parameter '${name}' was malformed:\n${why}`);
}

export function notAcceptable(types: readonly string[]): FullAnswer {
  const lines = ['Resource representation is only available with these types:', ...types];
  return textAnswer(406, lines.join('\n'));
}
