// Schemas by which manifests are checked without a cluster: Kubernetes' own OpenAPI documents, and the definitions of the
// custom resources that the chart makes. They come as Go modules, in which these projects publish their sources; nothing
// is built. That leaves out what the API server checks by code: `npm run e2e` has the chart's objects taken by a real one.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { at, type Values } from './chart.ts';
import { must } from './tools.ts';

export const kubernetesVersion = '1.35.4';

const modules = {
  kubernetes: `k8s.io/kubernetes@v${kubernetesVersion}`,
  gateway: 'sigs.k8s.io/gateway-api@v1.4.0',
  prometheus: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
} as const;

/** Where OpenAPI's definitions stand, and what their references begin with. */
export const definitionsPath = '#/components/schemas/';

/** Schemas by kind, such as `apps/v1/Deployment`; `definitions` are what they refer to. */
export interface Schemas {
  readonly kinds: ReadonlyMap<string, Values>;
  readonly definitions: ReadonlyMap<string, Values>;
}

/** Downloads what is missing; some 50 MB the first time. */
export function loadSchemas(): Schemas {
  const kinds = new Map<string, Values>();
  const definitions = new Map<string, Values>();
  const folder = join(moduleFolder(modules.kubernetes), 'api/openapi-spec/v3');
  const documents = readdirSync(folder).filter((name) => /__v\d+_openapi\.json$/.test(name));
  for (const name of documents) {
    const document: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const [key, schema] of entriesAt(document, 'components', 'schemas')) {
      definitions.set(key, schema);
      for (const one of listAt(schema, 'x-kubernetes-group-version-kind')) {
        kinds.set(kindKey(at(one, 'group'), at(one, 'version'), at(one, 'kind')), schema);
      }
    }
  }
  const resources = [
    join(moduleFolder(modules.gateway), 'config/crd/standard'),
    join(moduleFolder(modules.prometheus), 'example/prometheus-operator-crd'),
  ];
  for (const path of resources) addCustomResources(path, kinds);
  return { kinds, definitions };
}

export const kindKey = (group: unknown, version: unknown, kind: unknown): string =>
  [group, version, kind].filter((part) => part !== '' && part !== undefined).join('/');

function addCustomResources(folder: string, kinds: Map<string, Values>): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const resource: unknown = document.toJS();
      for (const version of listAt(resource, 'spec', 'versions')) {
        const schema = at(version, 'schema', 'openAPIV3Schema');
        const group = at(resource, 'spec', 'group');
        const kind = at(resource, 'spec', 'names', 'kind');
        kinds.set(kindKey(group, at(version, 'name'), kind), schema as Values);
      }
    }
  }
}

/** Where the Go command keeps the sources of a module. */
function moduleFolder(module: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-go-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module schemas\n');
    const answer = must('go', ['-C', folder, 'mod', 'download', '-json', module]);
    return String(at(JSON.parse(answer), 'Dir'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function entriesAt(value: unknown, ...path: readonly string[]): [string, Values][] {
  return Object.entries(Object(at(value, ...path)));
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
