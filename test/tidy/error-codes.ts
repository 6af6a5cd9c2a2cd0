// The error reference and the code must list the same codes.

import {
  allNodes,
  isNode,
  literalText,
  nameOf,
  type SourceFile,
  type SyntaxNode,
} from './source-file.ts';

const codePattern = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** Entries of status tables that are no errors. */
const noErrors = new Set(['PRICED']);

/** Every error code a file declares or raises: catalogues, unions of codes, first arguments of errors. */
export function errorCodesOf(file: SourceFile): Set<string> {
  const codes = new Set<string>();
  const add = (code: string | undefined): void => {
    if (code !== undefined && codePattern.test(code) && !noErrors.has(code)) codes.add(code);
  };
  for (const node of allNodes(file.tree)) {
    for (const code of declaredCodes(node)) add(code);
    if (node.type !== 'NewExpression' || !/Error$/.test(nameOf(node.callee) ?? '')) continue;
    add(literalText((node.arguments as unknown[])[0]));
  }
  return codes;
}

function declaredCodes(node: SyntaxNode): (string | undefined)[] {
  const name = nameOf(node.id) ?? '';
  if (node.type === 'TSTypeAliasDeclaration' && /(Error|Failure)Code$/.test(name)) {
    return [...allNodes(node)].map(literalText);
  }
  if (
    node.type !== 'VariableDeclarator' ||
    !/(Errors|(Error|Failure)Codes|^statusCodes)$/.test(name)
  )
    return [];
  const table = objectIn(node.init);
  if (table === undefined) return [];
  return (table.properties as SyntaxNode[]).map((one) => nameOf(one.key) ?? literalText(one.key));
}

/** The object literal under `as const`, `satisfies` and `Object.freeze()`. */
function objectIn(node: unknown): SyntaxNode | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'ObjectExpression') return node;
  if (node.type === 'CallExpression') return objectIn((node.arguments as unknown[])[0]);
  return objectIn(node.expression);
}

export interface DocumentedCode {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Rows of the form `| \`CODE\` | cause | remedy |`. */
export function documentedCodes(page: string): DocumentedCode[] {
  return page.split('\n').flatMap((line) => {
    const [, code, cause = '', remedy = ''] =
      /^\| `([A-Z0-9_]+)` \|([^|]*)(?:\|([^|]*))?\|$/.exec(line.trim()) ?? [];
    return code === undefined ? [] : [{ code, cause: cause.trim(), remedy: remedy.trim() }];
  });
}

export function catalogueFindings(used: ReadonlySet<string>, page: string): string[] {
  const documented = documentedCodes(page);
  const names = new Set(documented.map(({ code }) => code));
  const findings = [...used]
    .filter((code) => !names.has(code))
    .sort()
    .map((code) => `${code} is not in the error reference: add cause and remedy`);
  for (const { code, cause, remedy } of documented) {
    if (!used.has(code)) findings.push(`${code} is in the error reference and nowhere in the code`);
    if (cause === '' || remedy === '')
      findings.push(`${code} lacks cause or remedy in the reference`);
  }
  if (names.size !== documented.length) findings.push('the error reference lists a code twice');
  return findings;
}
