// The bill of materials of an image, CycloneDX by `npm sbom`: of all packages that the lock file names for the application
// only those that went into the bundle, and Node itself.

import { spawnSync } from 'node:child_process';

/** The package that a module belongs to; `undefined` for our own sources. */
export function packageOf(module) {
  const parts = module.replaceAll('\0', '').split('/node_modules/');
  return parts.length < 2 ? undefined : /^(@[^/]+\/)?[^/]+/.exec(parts.at(-1))?.[0];
}

/** Text of the bill for an application whose bundle holds modules of the packages named. */
export function billOfMaterials({ root, workspace, packages }) {
  const words = ['sbom', '--package-lock-only', '--workspace', workspace];
  const { status, stdout, stderr } = spawnSync('npm', [...words, '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // In production npm leaves out whatever a development dependency needs too; the page's builder sets that variable.
    env: { ...process.env, NODE_ENV: 'development' },
  });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const bill = JSON.parse(stdout);
  const own = bill.components.filter(({ group, name }) => {
    const full = group === undefined ? name : `${group}/${name}`;
    return packages.has(full) || full === workspace || full === 'parvi';
  });
  const found = new Set(own.map(({ group, name }) => (group ? `${group}/${name}` : name)));
  const missing = [...packages].filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`Not in the lock file: ${missing.join(', ')}`);
  const version = process.versions.node;
  const node = {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
  };
  const kept = new Set([...own, node].map((component) => component['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((to) => kept.has(to)) }));
  return JSON.stringify({ ...bill, components: [...own, node], dependencies }, undefined, 2);
}
