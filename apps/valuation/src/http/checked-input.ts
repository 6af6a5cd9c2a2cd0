// What comes in is checked by zod schemas here; the first mistake becomes the refusal, with the nearest right name.

import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { nearestName } from '../instruments/index.ts';
import { RequestError } from './problems.ts';

const places: Readonly<Record<string, string>> = {
  body: 'Body field',
  querystring: 'Query parameter',
  params: 'Path parameter',
  headers: 'Header',
};

/** The value a schema makes of an input. @throws RequestError that names the first wrong field */
export function checkedInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: string,
): z.output<Schema> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw refusalOf(parsed.error, places[place] ?? 'Field');
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

function refusalOf(error: z.ZodError, place: string): RequestError {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    return new RequestError('REQUEST_INVALID', `${place} "${name}" is unknown`, {
      fields: { field: name, hint: 'GET /openapi.json lists what each route takes' },
    });
  }
  if (issue?.code === 'invalid_value') return notAmong(field, issue, place);
  const where = field === '' ? 'The request' : `${place} "${field}"`;
  const reason = issue?.message ?? 'it has a wrong value';
  return new RequestError('REQUEST_INVALID', `${where} is not valid: ${reason}`, {
    fields: { field },
  });
}

function notAmong(field: string, issue: z.core.$ZodIssueInvalidValue, place: string): RequestError {
  const { input } = issue;
  const choices = issue.values.map(String);
  const near = typeof input === 'string' ? nearestName(input, choices) : undefined;
  const hint = near === undefined ? `there are ${choices.join(', ')}` : `did you mean "${near}"?`;
  const fields = { field };
  if (typeof input !== 'string') {
    return new RequestError('REQUEST_INVALID', `${place} "${field}" must be one text: ${hint}`, {
      fields,
    });
  }
  if (field === 'metric') {
    return new RequestError('METRIC_UNKNOWN', `There is no metric "${input}": ${hint}`, { fields });
  }
  if (field === 'engine') {
    return new RequestError('ENGINE_UNKNOWN', `There is no engine "${input}": ${hint}`, { fields });
  }
  return new RequestError('REQUEST_INVALID', `${place} "${field}" cannot be "${input}": ${hint}`, {
    fields,
  });
}
