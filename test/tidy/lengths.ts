// Limits of length. A file of more than 400 lines asks for a reason and stands in the list of those that may only get
// shorter; more than 500 is refused. Tests are lists by nature: only the second limit holds for them. A function may
// have 70 lines, those of functions inside it not counted.

import {
  allNodes,
  childNodes,
  lineOf,
  nameOf,
  type SourceFile,
  type SyntaxNode,
} from './source-file.ts';

export const fileLinesAsked = 400;
export const fileLinesMax = 500;
export const functionLinesMax = 70;

/** Lengths that were accepted once: by path, or by path and function. They may shrink and must leave when they fit. */
export type Ratchet = Readonly<Record<string, number>>;

/** Every length beyond its limit, by path or `path name`. */
export function longParts(file: SourceFile, isTestFile: boolean): Map<string, number> {
  const long = new Map<string, number>();
  const lines = file.text.trimEnd().split('\n').length;
  if (lines > (isTestFile ? fileLinesMax : fileLinesAsked)) long.set(file.path, lines);
  if (isTestFile) return long;
  for (const { name, ownLines } of functionsOf(file)) {
    const key = `${file.path} ${name}`;
    if (ownLines > functionLinesMax) long.set(key, Math.max(ownLines, long.get(key) ?? 0));
  }
  return long;
}

/** Compares lengths with what was accepted. */
export function lengthFindings(long: ReadonlyMap<string, number>, ratchet: Ratchet): string[] {
  const findings: string[] = [];
  for (const [key, lines] of long) {
    const accepted = ratchet[key];
    const isFile = !key.includes(' ');
    if (isFile && lines > fileLinesMax) {
      findings.push(`${key} has ${lines} lines, more than ${fileLinesMax}: split it by mechanism`);
    } else if (accepted === undefined) {
      const limit = isFile ? fileLinesAsked : functionLinesMax;
      findings.push(`${key} has ${lines} lines, more than ${limit}: split it by mechanism`);
    } else if (lines > accepted) {
      findings.push(`${key} grew from ${accepted} to ${lines} lines: it may only get shorter`);
    }
  }
  for (const [key, accepted] of Object.entries(ratchet)) {
    const lines = long.get(key);
    if (lines === undefined) findings.push(`${key} fits by now: take it off the list`);
    else if (lines < accepted) {
      findings.push(`${key} shrank to ${lines} lines: lower its entry from ${accepted}`);
    }
  }
  return findings;
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

export function functionsOf(file: SourceFile): { name: string; ownLines: number }[] {
  const found: { name: string; ownLines: number }[] = [];
  const linesOf = (node: SyntaxNode): number =>
    lineOf(file, node.end) - lineOf(file, node.start) + 1;
  const visit = (node: SyntaxNode, name: string): void => {
    if (functionTypes.has(node.type)) {
      const inside = innerFunctions(node).reduce((sum, inner) => sum + linesOf(inner) - 1, 0);
      found.push({ name: nameOf(node.id) ?? name, ownLines: linesOf(node) - inside });
    }
    for (const child of childNodes(node)) visit(child, nameOf(node.key ?? node.id) ?? name);
  };
  visit(file.tree, 'function');
  return found;
}

/** The outermost functions inside a function. */
function innerFunctions(node: SyntaxNode): SyntaxNode[] {
  const inner: SyntaxNode[] = [];
  const visit = (part: SyntaxNode): void => {
    for (const child of childNodes(part)) {
      if (functionTypes.has(child.type)) inner.push(child);
      else visit(child);
    }
  };
  visit(node);
  return inner;
}

/** Functions with more parameters than anybody keeps in mind. */
export function parameterFindings(file: SourceFile): string[] {
  const findings: string[] = [];
  for (const node of allNodes(file.tree)) {
    if (!functionTypes.has(node.type) || !Array.isArray(node.params)) continue;
    const count = countedParameters(node.params);
    if (count <= 4) continue;
    const at = `${file.path}:${lineOf(file, node.start)}`;
    findings.push(`${at} takes ${count} parameters: take an object beyond four`);
  }
  return findings;
}

/** `bytes, start, end` is one thing: a part of a buffer, named without making an object for each message. */
function countedParameters(parameters: readonly SyntaxNode[]): number {
  const names = parameters.map((one) => nameOf(one) ?? nameOf(one.left) ?? '');
  return names
    .join(' ')
    .replace(/\bbytes start end\b/, 'bytes')
    .split(' ').length;
}
