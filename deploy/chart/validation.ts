// Checks objects by the schemas of their kinds: types, required fields, choices, and that no field is unknown, which the
// API server would drop with a warning.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type KubernetesObject, nameOf, type Values } from './chart.ts';
import { definitionsPath, kindKey, type Schemas } from './schemas.ts';

/** What a check found: where, and what is wrong. */
export type Finding = string;

export class Validation {
  readonly #schemas: Schemas;
  readonly #ajv = new Ajv({
    strict: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
  });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(schemas: Schemas) {
    this.#schemas = schemas;
  }

  findings(objects: readonly KubernetesObject[]): Finding[] {
    return objects.flatMap((object) => this.#findingsOf(object));
  }

  #findingsOf(object: KubernetesObject): Finding[] {
    const [version = '', group = ''] = String(object.apiVersion).split('/').reverse();
    const key = kindKey(group, version, object.kind);
    const validate = this.#validatorOf(key);
    if (validate === undefined) return [`${nameOf(object)}: there is no kind ${key}`];
    if (validate(object)) return [];
    return (validate.errors ?? []).map((error) => `${nameOf(object)}: ${textOf(error)}`);
  }

  #validatorOf(key: string): ValidateFunction | undefined {
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const schema = this.#schemas.kinds.get(key);
    if (schema === undefined) return undefined;
    const used = new Map<string, unknown>();
    const own = this.#strict(schema, used, true);
    const made = this.#ajv.compile({ ...own, definitions: Object.fromEntries(used) });
    this.#validators.set(key, made);
    return made;
  }

  /** A schema of JSON Schema from one of OpenAPI; what it refers to is put into `used`. */
  #strict(schema: Values, used: Map<string, unknown>, isRoot = false): Values {
    if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
    if (schema.format === 'int-or-string') return { type: ['integer', 'string'] };
    const made: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(schema)) {
      made[name] = this.#part(name, value, used);
    }
    const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
    if (schema.properties !== undefined && !isOpen && made.additionalProperties === undefined) {
      made.additionalProperties = false;
    }
    if (isRoot) made.properties = rootProperties(Object(made.properties));
    // Fields that are null count as absent; the server drops them.
    if (typeof made.type === 'string' && schema.nullable === true) made.type = [made.type, 'null'];
    return made;
  }

  #part(name: string, value: unknown, used: Map<string, unknown>): unknown {
    const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
    switch (name) {
      case '$ref':
        return this.#reference(String(value), used);
      case 'properties':
        return Object.fromEntries(
          Object.entries(Object(value)).map(([key, one]) => [key, this.#strict(Object(one), used)]),
        );
      case 'items':
      case 'additionalProperties':
      case 'not':
        return isSchema ? this.#strict(Object(value), used) : value;
      case 'allOf':
        return Array.isArray(value) ? value.map((one) => this.#strict(Object(one), used)) : value;
      // Go's way to say that case does not count.
      case 'pattern':
        return String(value).replace(/\(\?i\)(.*)$/s, '(?i:$1)');
      // Alternatives repeat parts of the schema and are open by nature.
      default:
        return value;
    }
  }

  #reference(reference: string, used: Map<string, unknown>): string {
    const name = reference.slice(definitionsPath.length);
    if (!used.has(name)) {
      used.set(name, true);
      used.set(name, this.#strict(this.#schemas.definitions.get(name) ?? {}, used));
    }
    return `#/definitions/${name}`;
  }
}

/** Custom resources leave out what every object has. */
function rootProperties(properties: Values): Values {
  const open = { type: 'object' };
  const { metadata } = properties;
  const isOpen = metadata !== undefined && Object.keys(Object(metadata)).join() === 'type';
  return { ...properties, metadata: metadata === undefined || isOpen ? open : metadata };
}

function textOf({ instancePath, message = '', params }: ErrorObject): string {
  const place = instancePath === '' ? 'the object' : instancePath.slice(1).replaceAll('/', '.');
  const named: unknown = params.additionalProperty ?? params.allowedValues;
  return `${place} ${message}${named === undefined ? '' : ` (${String(named)})`}`;
}
