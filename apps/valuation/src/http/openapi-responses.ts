// The last touch to the OpenAPI document: problems under their own content type, responses with a description, and no
// component that nothing refers to.

import { STATUS_CODES } from 'node:http';

type Part = Record<string, unknown>;

const part = (value: unknown): Part =>
  typeof value === 'object' && value !== null ? (value as Part) : {};

const mapped = (value: unknown, change: (value: unknown, key: string) => unknown): Part =>
  Object.fromEntries(Object.entries(part(value)).map(([key, inner]) => [key, change(inner, key)]));

export function documentResponses(document: Part): Part {
  const paths = mapped(document.paths, (path) =>
    mapped(path, (operation) => ({
      ...part(operation),
      responses: mapped(part(operation).responses, response),
    })),
  );
  return withoutUnused({ ...document, paths });
}

function response(value: unknown, status: string): Part {
  const { description, content } = part(value);
  const said = description === 'Default Response' ? STATUS_CODES[status] : description;
  const isProblem = Number(status) >= 400;
  const body = isProblem
    ? { 'application/problem+json': part(content)['application/json'] }
    : content;
  return { description: said, content: body };
}

/** Each schema comes in a form for input and one for output, and most are used in one of them only. */
function withoutUnused(document: Part): Part {
  const components = part(document.components);
  const schemas = part(components.schemas);
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    for (const match of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)/g)) {
      const name = match[1] ?? '';
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? {});
    }
  };
  follow(document.paths);
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  return { ...document, components: { ...components, schemas: Object.fromEntries(kept) } };
}
