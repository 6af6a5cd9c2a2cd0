// Manifests held against the schemas of their kinds without a cluster: by kubectl-validate, which checks as the API server
// does (unknown fields, enumerations, CEL rules), with the custom resource definitions that the projects publish.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fetched } from './envoy.ts';

const validator = { module: 'sigs.k8s.io/kubectl-validate', version: 'v0.0.4' } as const;

/** Go modules that hold definitions, and where in them these are: a folder of files, or one file. */
const definitionModules = [
  ['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard'],
  ['github.com/envoyproxy/gateway@v1.6.0', 'charts/gateway-helm/crds/generated'],
  ['github.com/emissary-ingress/emissary/v3@v3.10.0', 'pkg/api/getambassador.io/crds.yaml'],
] as const;

function go(words: readonly string[], options: { cwd?: string; bin?: string } = {}): string {
  const environment = { ...process.env, GOFLAGS: '-mod=mod' };
  const done = spawnSync('go', words, {
    encoding: 'utf8',
    env: options.bin === undefined ? environment : { ...environment, GOBIN: options.bin },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (done.status === 0) return done.stdout;
  const why = done.error?.message ?? `${done.stdout}${done.stderr}`.trim();
  throw new Error(
    `Cannot run "go ${words.join(' ')}": ${why}; manifests are checked with Go 1.24+`,
  );
}

/** Fetches what makes the folder when it is not there; nobody sees it half made. */
function once(name: string, make: (folder: string) => void): string {
  const home = join(fetched, name);
  if (existsSync(home)) return home;
  mkdirSync(fetched, { recursive: true });
  const fresh = mkdtempSync(`${home}-`);
  try {
    make(fresh);
    renameSync(fresh, home);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return home;
}

/** Builds it the first time, in some two minutes. */
function validatorProgram(): string {
  const folder = once(`kubectl-validate-${validator.version.slice(1)}`, (bin) => {
    go(['install', `${validator.module}@${validator.version}`], { bin });
  });
  return join(folder, 'kubectl-validate');
}

function definitions(): string {
  const versions = definitionModules.map(([module]) => module.split('@v')[1]).join('-');
  return once(`gateway-definitions-${versions}`, (folder) => {
    const cwd = mkdtempSync(join(fetched, 'go-'));
    writeFileSync(join(cwd, 'go.mod'), 'module definitions\n');
    try {
      for (const [module, place] of definitionModules) {
        const { Dir } = JSON.parse(go(['mod', 'download', '-json', module], { cwd })) as {
          Dir: string;
        };
        for (const file of filesOf(join(Dir, place))) {
          const target = join(folder, file.slice(Dir.length + 1).replaceAll('/', '_'));
          copyFileSync(file, target);
          chmodSync(target, 0o644);
        }
      }
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
}

const filesOf = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(path, name));

/** What is wrong with the manifests of a file; nothing when they are fine. */
export function manifestProblems(file: string): string {
  const words = [file, '--local-crds', definitions()];
  const { status, stdout, stderr, error } = spawnSync(validatorProgram(), words, {
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return status === 0 ? '' : `${stdout}${stderr}`.trim();
}
