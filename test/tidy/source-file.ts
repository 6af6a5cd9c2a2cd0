// Files of the repository as the structure checks see them: text, syntax tree, imports.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree with TypeScript's additions); fields depend on `type`. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: SyntaxNode;
  /** Positions at which lines start. */
  readonly lineStarts: readonly number[];
}

export interface Import {
  /** As written: `../actor/index.ts`, `node:net`, `zod`. */
  readonly specifier: string;
  /** The file it stands for, when it is relative. */
  readonly target: string | undefined;
  readonly names: readonly string[];
  readonly line: number;
}

/** Paths of all files under version control, and of those about to be; deleted ones left out. */
export function repositoryFiles(root: string): string[] {
  const list = (...flags: string[]): string[] =>
    execFileSync('git', ['ls-files', '-z', ...flags], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter((path) => path !== '');
  const deleted = new Set(list('--deleted'));
  const present = list('--cached', '--others', '--exclude-standard');
  return [...new Set(present)].filter((path) => !deleted.has(path)).sort();
}

export function readText(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Code written by people; generated and compiled files are not. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs)$/.test(path) && !/(_pb\.d\.ts|\.d\.ts)$/.test(path);
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** What only tests use: recorded input, sample values, helpers of tests, programs that measure. */
export function isTestSupport(path: string): boolean {
  const folder = /^((packages|apps)\/[^/]+\/)?(test|bench|scripts|deploy|faults|interop|e2e)\//;
  return /(^|\/)(fixtures\/|sample-[^/]+\.ts$)/.test(path) || folder.test(path);
}

export function sourceFile(path: string, text: string): SourceFile {
  const tree: unknown = parseAst(text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' });
  if (!isNode(tree)) throw new Error(`Cannot parse ${path}`);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    lineStarts.push(at + 1);
  return { path, text, tree, lineStarts };
}

/** The line of a position, counted from 1. */
export function lineOf(file: SourceFile, position: number): number {
  let [low, high] = [0, file.lineStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= position) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Nodes directly below a node. */
export function* childNodes(node: SyntaxNode): Iterable<SyntaxNode> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield item;
    } else if (isNode(value)) {
      yield value;
    }
  }
}

/** A node and all below it. */
export function* allNodes(node: SyntaxNode): Iterable<SyntaxNode> {
  yield node;
  for (const child of childNodes(node)) yield* allNodes(child);
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The text of a string literal. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== 'Literal') return undefined;
  return typeof node.value === 'string' ? node.value : undefined;
}

export function nameOf(node: unknown): string | undefined {
  return isNode(node) && typeof node.name === 'string' ? node.name : undefined;
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** Everything a file takes from elsewhere, dynamic imports and files named by `new URL(…, import.meta.url)` included. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  for (const node of allNodes(file.tree)) {
    const specifier = importing.has(node.type) ? literalText(node.source) : urlOfFile(node);
    if (specifier === undefined) continue;
    const specifiers = Array.isArray(node.specifiers) ? node.specifiers : [];
    imports.push({
      specifier,
      target: specifier.startsWith('.')
        ? normalize(join(dirname(file.path), specifier)).replaceAll('\\', '/')
        : undefined,
      names: specifiers.flatMap((one: SyntaxNode) => nameOf(one.imported ?? one.local) ?? []),
      line: lineOf(file, node.start),
    });
  }
  return imports;
}

function urlOfFile(node: SyntaxNode): string | undefined {
  if (node.type !== 'NewExpression' || nameOf(node.callee) !== 'URL') return undefined;
  const [first, base] = node.arguments as SyntaxNode[];
  const ofThisFile = isNode(base) && isNode(base.object) && base.object.type === 'MetaProperty';
  const path = literalText(first);
  return ofThisFile && path?.startsWith('.') === true ? path : undefined;
}
