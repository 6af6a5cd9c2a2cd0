// The grid's image, built as a release would be.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNodeImage } from './node-image.ts';
import { podman, trustOfBuilds } from './podman.ts';

const root = join(import.meta.dirname, '..', '..');

export const gridVersion: string = JSON.parse(
  readFileSync(join(root, 'apps/valuation/package.json'), 'utf8'),
).version;

/** Builds the image under a name with a version, and gives that name. */
export function buildGridImage(version = gridVersion): string {
  const name = `localhost/valuation:${version}`;
  const file = ['-f', join(root, 'deploy/docker/valuation/Dockerfile'), '--format', 'docker'];
  const values = [
    '--build-arg',
    `NODE_IMAGE=${ensureNodeImage()}`,
    '--build-arg',
    `VERSION=${version}`,
  ];
  podman('build', '--pull=never', ...file, ...values, ...trustOfBuilds(), '-t', name, root);
  return name;
}
