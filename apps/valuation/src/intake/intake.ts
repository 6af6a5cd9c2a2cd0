// Reads an upload of one format piece by piece: bytes in, checked batches out. Runs in a thread of its own, because
// parsing and checking a million trades would hold the controller's event loop, and with it its heartbeats.

import { BatchBuilder } from './batch-builder.ts';
import { CsvRows } from './csv-rows.ts';
import { type ArrayFields, JsonArrayCutter } from './json-array-cutter.ts';
import { NdjsonLines } from './ndjson-lines.ts';
import { type IntakeBatch, IntakeError } from './row-problem.ts';

export type IntakeFormat = 'json' | 'ndjson' | 'csv';

/** Formats by content type. */
export const intakeFormats: Readonly<Record<string, IntakeFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
};

/** One upload being read. */
export interface Intake {
  /** Fields that a JSON object gives beside its trades; `undefined` while they are still to come. */
  readonly fields: ArrayFields | undefined;
  push(chunk: Uint8Array): Promise<IntakeBatch>;
  end(): Promise<IntakeBatch>;
}

export function openIntake(format: IntakeFormat): Intake {
  if (format === 'json') return new JsonIntake();
  return format === 'ndjson' ? new NdjsonIntake() : new CsvIntake();
}

class NdjsonIntake implements Intake {
  readonly fields = {};
  readonly #builder = new BatchBuilder();
  readonly #lines = new NdjsonLines(this.#builder);

  async push(chunk: Uint8Array): Promise<IntakeBatch> {
    this.#lines.push(chunk);
    return this.#builder.take();
  }

  async end(): Promise<IntakeBatch> {
    this.#lines.end();
    return this.#builder.take();
  }
}

class JsonIntake implements Intake {
  readonly #builder = new BatchBuilder();
  readonly #cutter = new JsonArrayCutter();
  readonly #onElement = (element: Uint8Array): void => this.#builder.addJson(element);
  #fields: ArrayFields | undefined;

  get fields(): ArrayFields | undefined {
    return this.#fields;
  }

  async push(chunk: Uint8Array): Promise<IntakeBatch> {
    this.#cutter.push(chunk, this.#onElement);
    this.#fields ??= this.#cutter.fieldsBefore;
    return this.#builder.take();
  }

  async end(): Promise<IntakeBatch> {
    const all = this.#cutter.end();
    const before = this.#fields ?? {};
    const late = Object.keys(all).find((name) => !Object.hasOwn(before, name));
    if (late !== undefined) {
      throw new IntakeError(
        'UPLOAD_JSON_MALFORMED',
        `The field "${late}" comes after the trades: put it before "trades", which are read as they come`,
      );
    }
    return this.#builder.take();
  }
}

class CsvIntake implements Intake {
  readonly fields = {};
  readonly #builder = new BatchBuilder();
  readonly #rows = new CsvRows(this.#builder);

  async push(chunk: Uint8Array): Promise<IntakeBatch> {
    await this.#rows.push(chunk);
    return this.#builder.take();
  }

  async end(): Promise<IntakeBatch> {
    await this.#rows.end();
    return this.#builder.take();
  }
}
