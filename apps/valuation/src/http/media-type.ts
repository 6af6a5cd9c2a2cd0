// What a body says it is: its type, charset and encoding, and the refusal of what no route reads.

import type { IncomingHttpHeaders } from 'node:http';
import { type IntakeFormat, intakeFormats } from '../intake/index.ts';
import { RequestError } from './problems.ts';

/** The format of an uploaded portfolio. @throws RequestError `MEDIA_TYPE_UNSUPPORTED` */
export function uploadFormat(headers: IncomingHttpHeaders): IntakeFormat {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const format = Object.hasOwn(intakeFormats, type) ? intakeFormats[type] : undefined;
  if (format === undefined) {
    throw unsupported(
      'content-type',
      `Content type "${type}" is not supported: send application/json, application/x-ndjson or text/csv`,
    );
  }
  const charset = parameters.find((part) => part.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?(utf-?8|us-ascii)"?$/.test(charset)) {
    throw unsupported('content-type', `Charset ${charset} is not supported: send UTF-8`);
  }
  refuseEncoding(headers);
  return format;
}

/** @throws RequestError `MEDIA_TYPE_UNSUPPORTED` for a body that is compressed */
export function refuseEncoding(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return;
  throw unsupported(
    'content-encoding',
    `Content encoding "${encoding}" is not supported: unpack the body and send it plain`,
  );
}

const unsupported = (field: string, message: string): RequestError =>
  new RequestError('MEDIA_TYPE_UNSUPPORTED', message, { fields: { field } });
