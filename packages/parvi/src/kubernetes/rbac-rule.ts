// The rule of a Role that a request needs, read off its method and path, so that a refusal can name what is missing.

export interface RbacRule {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string | undefined;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * `/api/<version>/…` is the core group, `/apis/<group>/<version>/…` any other; then
 * `namespaces/<namespace>/<resource>[/<name>[/<part>]]` (Kubernetes "API concepts", resource URIs).
 */
export function rbacRule(method: string, path: string): RbacRule | undefined {
  const [plain = ''] = path.split('?');
  const [root, ...parts] = plain.split('/').filter((part) => part !== '');
  if (root !== 'api' && root !== 'apis') return undefined;
  const apiGroup = root === 'api' ? '' : (parts.shift() ?? '');
  parts.shift();
  const isInNamespace = parts[0] === 'namespaces' && parts.length > 2;
  const namespace = isInNamespace ? parts[1] : undefined;
  const [resource, name, part] = isInNamespace ? parts.slice(2) : parts;
  if (resource === undefined) return undefined;
  const reads = name === undefined ? 'list' : 'get';
  return {
    apiGroup,
    resource: part === undefined ? resource : `${resource}/${part}`,
    verb: verbs[method] ?? reads,
    namespace,
  };
}

/** As it stands in a Role. */
export function ruleText({ apiGroup, resource, verb }: RbacRule): string {
  return `{apiGroups: ["${apiGroup}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
}
