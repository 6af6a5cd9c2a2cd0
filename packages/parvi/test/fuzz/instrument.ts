// Makes the sources report which of their parts ran: Node hands each module through here when it is loaded, types are
// stripped, and a counter is put at the start of every block, arm and right operand. The files on disk stay as they are.
//
// Why not a ready-made fuzzer: the one that is kept for JavaScript brings a native library that needs a newer C library
// than Debian 12 has, and instruments neither TypeScript nor what Node strips itself.

import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';

/** What the decoders are made of. */
const measured = [
  /\/packages\/parvi\/src\/wire\/(?!.*(\.test\.ts|_pb\.js|\/fixtures\/))/,
  /\/packages\/parvi\/src\/remote\/(?!.*\.test\.ts)/,
  /\/packages\/parvi\/src\/cluster\/messages\.ts$/,
  /\/@bufbuild\/protobuf\/dist\/esm\/wire\/(binary-encoding|varint|text-encoding)\.js$/,
];
const countersMax = 65_536;

/** Hits of each instrumented place since they were last cleared. */
export const hits = new Uint8Array(countersMax);
const globalName = '__parviFuzzHits';
Reflect.set(globalThis, globalName, hits);

let used = 0;

/** How many places there are in the modules loaded so far. */
export function instrumentedPlaces(): number {
  return used;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function isNode(value: unknown): value is Node & Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The text with counters; shapes: `{ ++h[1]; …`, `a && (++h[2], b)`, `=> (++h[3], b)`. */
export function withCounters(code: string, take: () => number): string {
  const inserts: { readonly at: number; readonly text: string; readonly order: number }[] = [];
  const bump = (): string => `++${globalName}[${take()}]`;
  const insert = (at: number, text: string): void => {
    inserts.push({ at, text, order: inserts.length });
  };
  const wrap = (node: unknown): void => {
    if (!isNode(node)) return;
    insert(node.start, `(${bump()},`);
    insert(node.end, ')');
  };
  const statement = (node: unknown): void => {
    if (!isNode(node) || node.type === 'BlockStatement') return;
    insert(node.start, `{${bump()};`);
    insert(node.end, '}');
  };
  visit(parseAst(code), (node) => {
    switch (node.type) {
      case 'BlockStatement':
        insert(node.start + 1, `${bump()};`);
        break;
      case 'SwitchCase':
        insert(colonOf(code, node), `${bump()};`);
        break;
      case 'ConditionalExpression':
        wrap(node.consequent);
        wrap(node.alternate);
        break;
      case 'LogicalExpression':
        wrap(node.right);
        break;
      case 'IfStatement':
        statement(node.consequent);
        statement(node.alternate);
        break;
      case 'ForStatement':
      case 'WhileStatement':
        statement(node.body);
        break;
    }
  });
  // Outer parts begin before and end after the inner ones: at one place closings of inner parts come first.
  inserts.sort((a, b) => a.at - b.at || closing(a.text) - closing(b.text) || a.order - b.order);
  let out = '';
  let at = 0;
  for (const { at: place, text } of inserts) {
    out += code.slice(at, place) + text;
    at = place;
  }
  return out + code.slice(at);
}

function closing(text: string): number {
  return text === ')' || text === '}' ? 0 : 1;
}

/** Behind the colon of `case x:` or `default:`. */
function colonOf(code: string, node: Record<string, unknown> & Node): number {
  const from = isNode(node.test) ? node.test.end : node.start;
  return code.indexOf(':', from) + 1;
}

function visit(value: unknown, see: (node: Node & Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  if (!isNode(value)) return;
  see(value);
  for (const key in value) visit(value[key], see);
}

/** From now on modules are loaded with counters. */
export function instrumentLoadedModules(): void {
  registerHooks({
    load(url, context, nextLoad) {
      if (!measured.some((pattern) => pattern.test(url))) return nextLoad(url, context);
      const text = readFileSync(fileURLToPath(url), 'utf8');
      const code = url.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      const source = withCounters(code, () => Math.min(used++, countersMax - 1));
      return { format: 'module', shortCircuit: true, source };
    },
  });
}
