// What comes in is checked by zod schemas here; the first mistake becomes the refusal, which quotes what was given and
// says what is taken, with the nearest right name.

import type { FastifySchemaCompiler } from 'fastify';
import { expectationOf, ownMessagesOnly } from 'parvi/config';
import type { z } from 'zod';
import { nearestName } from '../instruments/index.ts';
import { RequestError } from './problems.ts';

/** Parts of a request as Fastify calls them: what one field is called, and what a mistake in the whole is put down to. */
const parts: Readonly<Record<string, { readonly field: string; readonly whole: string }>> = {
  body: { field: 'Body field', whole: 'body' },
  querystring: { field: 'Query parameter', whole: 'query' },
  params: { field: 'Path parameter', whole: 'path' },
  headers: { field: 'Header', whole: 'headers' },
};

const quotedCharsMax = 60;

/** The value a schema makes of an input. @throws RequestError that names the first wrong field */
export function checkedInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  part: string,
): z.output<Schema> {
  const parsed = schema.safeParse(input, { error: ownMessagesOnly });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new RequestError('REQUEST_INVALID', 'The request is not valid');
  throw refusalOf(issue, { schema, input, part });
}

/** Fastify's way to the same check. */
export const inputValidator: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (input: unknown) => {
    try {
      return { value: checkedInput(schema, input, httpPart ?? '') };
    } catch (error) {
      if (error instanceof RequestError) return { error };
      throw error;
    }
  };
};

interface Checked {
  readonly schema: z.ZodType;
  readonly input: unknown;
  readonly part: string;
}

function refusalOf(issue: z.core.$ZodIssue, { schema, input, part }: Checked): RequestError {
  const { field: kind, whole } = parts[part] ?? { field: 'Field', whole: part };
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    return new RequestError('REQUEST_INVALID', `${kind} "${field}" is unknown`, {
      fields: { field, hint: 'GET /openapi.json lists what each route takes' },
    });
  }
  // As it was given: what the schema saw may be made of it already.
  const given = valueAt(input, path);
  const field = path.length === 0 ? whole : path.join('.');
  const subject = path.length === 0 ? `The ${whole}` : `${kind} "${field}"`;
  const options = { fields: { field } };
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    const choices = issue.values.map(String);
    const near = nearestName(given, choices);
    const hint = near === undefined ? `there are ${choices.join(', ')}` : `did you mean "${near}"?`;
    const { code, name } = named[field] ?? { code: 'REQUEST_INVALID', name: undefined };
    const what =
      name === undefined
        ? `${subject} cannot be ${quoted(given)}`
        : `There is no ${name} ${quoted(given)}`;
    return new RequestError(code, `${what}: ${hint}`, options);
  }
  const taken = expectationOf(schema, issue.path) ?? 'something else';
  const reason = issue.message === '' ? `must be ${taken}` : issue.message;
  const isRepeated = part === 'querystring' && Array.isArray(given);
  const state = isRepeated ? `is given ${given.length} times` : stateOf(given);
  return new RequestError('REQUEST_INVALID', `${subject} ${state}: it ${reason}`, options);
}

/** Fields whose values are names of things with a code of their own. */
const named: Readonly<
  Record<string, { readonly code: 'METRIC_UNKNOWN' | 'ENGINE_UNKNOWN'; readonly name: string }>
> = {
  metric: { code: 'METRIC_UNKNOWN', name: 'metric' },
  engine: { code: 'ENGINE_UNKNOWN', name: 'engine' },
};

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

const stateOf = (given: unknown): string =>
  given === undefined ? 'is missing' : `is ${quoted(given)}`;

function quoted(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > quotedCharsMax ? `"${value.slice(0, quotedCharsMax)}…"` : `"${value}"`;
}
