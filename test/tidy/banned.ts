// Calls that are banned from the toolkit because they make tests depend on time, chance or the machine, each with what
// to use instead.

import {
  allNodes,
  childNodes,
  importsOf,
  isNode,
  isTest,
  isTestSupport,
  lineOf,
  nameOf,
  type SourceFile,
  type SyntaxNode,
} from './source-file.ts';

const clock = 'take a Clock of runtime/ and call nowMs() or wallMs()';
const timers = 'take the Timers of runtime/ and call after() or every()';
const turns = 'take the Turns of runtime/ and call soon() or later()';
const processPort = 'take the ProcessPort of runtime/';
const random = 'take a Random of runtime/, or newUuid()';

/** Global names and their replacement. */
export const bannedGlobals: Readonly<Record<string, string>> = {
  Date: `${clock}, or isoTime() for text`,
  performance: clock,
  setTimeout: timers,
  clearTimeout: timers,
  setInterval: timers,
  clearInterval: timers,
  setImmediate: turns,
  queueMicrotask: turns,
  process: processPort,
  console: 'take a Logger of observe/',
};

/** Members of globals that are otherwise fine, and members that are fine of globals that are not. */
const bannedMembers: Readonly<Record<string, string>> = {
  'Math.random': random,
  'crypto.randomUUID': random,
  'crypto.getRandomValues': random,
  'AbortSignal.timeout': timers,
};
const pureMembers = new Set(['Date.UTC', 'Date.parse']);

const bannedModules: Readonly<Record<string, string>> = {
  'node:process': processPort,
  'node:timers': timers,
  'node:timers/promises': timers,
  'node:perf_hooks': clock,
  'node:console': 'take a Logger of observe/',
  'node:os': processPort,
};

/** Modules that reach outside the process; only implementations of a port import them. */
const outsideModules =
  /^node:(net|tls|dgram|http2?|https|dns|fs|child_process|cluster|worker_threads|sqlite)(\/|$)/;

/** The implementations of ports, by the port they implement. */
export const portImplementations: readonly string[] = [
  'packages/parvi/src/remote/shared-lookup.ts',
  'packages/parvi/src/remote/socket-link.ts',
  'packages/parvi/src/remote/tcp-transport.ts',
  'packages/parvi/src/remote/tls-files.ts',
  'packages/parvi/src/remote/tls-transport.ts',
  'packages/parvi/src/config/file.ts',
  'packages/parvi/src/discovery/dns-client.ts',
  'packages/parvi/src/bootstrap/probe-client.ts',
  'packages/parvi/src/bootstrap/probe-tls.ts',
  'packages/parvi/src/kubernetes/http-door.ts',
  'packages/parvi/src/management/connection-room.ts',
  'packages/parvi/src/management/http-server.ts',
  'packages/parvi/src/management/tls-files.ts',
  'packages/parvi/src/cli/http-door.ts',
  'packages/parvi/src/cli/net-door.ts',
];

export function bannedFindings(file: SourceFile): string[] {
  return [...globalFindings(file), ...moduleFindings(file)];
}

function globalFindings(file: SourceFile): string[] {
  const findings: string[] = [];
  for (const { node, name, member } of globalUses(file.tree)) {
    const use = member === undefined ? name : `${name}.${member}`;
    if (pureMembers.has(use)) continue;
    const wrapped = name === 'globalThis' && member !== undefined ? member : name;
    const instead = bannedMembers[use] ?? ownEntry(bannedGlobals, wrapped);
    if (instead === undefined) continue;
    findings.push(`${file.path}:${lineOf(file, node.start)} uses ${use}: ${instead}`);
  }
  return findings;
}

function moduleFindings(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ specifier, names, line }) => {
    const at = `${file.path}:${line} imports "${specifier}"`;
    const instead = ownEntry(bannedModules, specifier);
    if (instead !== undefined) return [`${at}: ${instead}`];
    if (specifier === 'node:crypto' && names.some((name) => name.startsWith('random'))) {
      return [`${at}: ${random}`];
    }
    if (!outsideModules.test(specifier) || isTest(file.path) || isTestSupport(file.path)) return [];
    if (portImplementations.includes(file.path)) return [];
    return [`${at}: network, disk and processes are reached through a port`];
  });
}

function ownEntry(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

interface GlobalUse {
  readonly node: SyntaxNode;
  readonly name: string;
  readonly member: string | undefined;
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

/** Names that are used and declared nowhere around their use. */
export function globalUses(tree: SyntaxNode): GlobalUse[] {
  const uses: GlobalUse[] = [];
  const visit = (node: SyntaxNode, declared: ReadonlySet<string>): void => {
    if (isTypeOnly(node)) return;
    if (isPureDate(node)) {
      for (const argument of node.arguments as SyntaxNode[]) visit(argument, declared);
      return;
    }
    const inner = functionTypes.has(node.type)
      ? new Set([...declared, ...declaredNames(node)])
      : declared;
    if (node.type === 'Identifier') {
      const name = nameOf(node) ?? '';
      if (!declared.has(name)) uses.push({ node, name, member: undefined });
    }
    for (const child of usedChildren(node)) {
      const name = nameOf(child);
      const member = memberOf(node, child);
      if (member !== undefined && name !== undefined && !inner.has(name)) {
        uses.push({ node: child, name, member });
      } else {
        visit(child, inner);
      }
    }
  };
  visit(tree, declaredNames(tree));
  return uses;
}

/** `new Date(0)` asks no clock. */
function isPureDate(node: SyntaxNode): boolean {
  const isDate = node.type === 'NewExpression' && nameOf(node.callee) === 'Date';
  return isDate && Array.isArray(node.arguments) && node.arguments.length > 0;
}

function memberOf(node: SyntaxNode, child: SyntaxNode): string | undefined {
  const plain = node.type === 'MemberExpression' && node.computed !== true;
  return plain && node.object === child && child.type === 'Identifier'
    ? nameOf(node.property)
    : undefined;
}

/** Children in which an identifier is a use of a variable, not the name of a member or a property. */
function* usedChildren(node: SyntaxNode): Iterable<SyntaxNode> {
  for (const child of childNodes(node)) {
    const isKey = node.key === child && node.computed !== true && node.value !== child;
    const isMember = node.type === 'MemberExpression' && node.property === child && !node.computed;
    const isLabel =
      node.label === child || /^(Import|Export)(Default|Namespace)?Specifier$/.test(node.type);
    if (!isKey && !isMember && !isLabel) yield child;
  }
}

/** Types are gone at run time: `let date: Date` uses nothing. */
function isTypeOnly(node: SyntaxNode): boolean {
  return (
    /^TS(Type|Interface|Function|Constructor|Method|Property|Index|Union|Array|Literal|Tuple|Mapped|Conditional|Intersection)/.test(
      node.type,
    ) && node.type !== 'TSTypeAssertion'
  );
}

/** Names declared by a function or file, its own parameters included, those of functions inside left out. */
function declaredNames(scope: SyntaxNode): Set<string> {
  const names = new Set<string>();
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return;
    if (pattern.type === 'Identifier') names.add(nameOf(pattern) ?? '');
    else if (pattern.type === 'Property') bind(pattern.value);
    else if (pattern.type === 'AssignmentPattern') bind(pattern.left);
    else for (const child of childNodes(pattern)) bind(child);
  };
  const collect = (node: SyntaxNode): void => {
    if (node.type === 'VariableDeclarator') bind(node.id);
    if (/^Import(Default|Namespace)?Specifier$/.test(node.type)) bind(node.local);
    if (node.type === 'CatchClause') bind(node.param);
    if (/^(Function|Class)Declaration$/.test(node.type)) bind(node.id);
    if (functionTypes.has(node.type) && node !== scope) return;
    for (const child of childNodes(node)) collect(child);
  };
  if (Array.isArray(scope.params)) for (const parameter of scope.params) bind(parameter);
  if (functionTypes.has(scope.type)) bind(scope.id);
  collect(scope);
  return names;
}

function isDoubleCast(node: SyntaxNode): boolean {
  const { expression } = node;
  return (
    node.type === 'TSAsExpression' &&
    isNode(expression) &&
    expression.type === 'TSAsExpression' &&
    isNode(expression.typeAnnotation) &&
    expression.typeAnnotation.type === 'TSUnknownKeyword'
  );
}

/** Forms that the code base does without: each has a plainer one. */
export function formFindings(file: SourceFile): string[] {
  const findings: string[] = [];
  const add = (node: SyntaxNode, text: string): void => {
    findings.push(`${file.path}:${lineOf(file, node.start)} ${text}`);
  };
  for (const node of allNodes(file.tree)) {
    if (node.type === 'ExportAllDeclaration') add(node, 'has "export *": name what is exported');
    if (node.type === 'ExportDefaultDeclaration') add(node, 'has a default export: give it a name');
    if (node.type === 'TSEnumDeclaration') {
      add(node, 'has an enum: use a union of texts or an object "as const"');
    }
    if (isDoubleCast(node)) add(node, 'casts through unknown: narrow with a type guard instead');
  }
  return findings;
}
