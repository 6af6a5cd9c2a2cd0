// Whether this machine can have a network of its own for tests: what the switch and the hosts need is installed if it is
// missing.

import { spawnSync } from 'node:child_process';
import { accessSync } from 'node:fs';

const debianPackages = {
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  python3: 'python3-minimal',
} as const;

/** Why there can be no network; `undefined` when there can. */
export function networkObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root';
  try {
    accessSync('/dev/net/tun');
  } catch {
    return 'there is no /dev/net/tun';
  }
  if (missingPrograms().length > 0) {
    const packages = missingPrograms().map((name) => debianPackages[name]);
    const words = ['install', '-qq', '-y', '--no-install-recommends', ...new Set(packages)];
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', words, { stdio: 'inherit' });
  }
  const missing = missingPrograms();
  return missing.length === 0 ? undefined : `these programs are missing: ${missing.join(', ')}`;
}

function missingPrograms(): (keyof typeof debianPackages)[] {
  const names = Object.keys(debianPackages) as (keyof typeof debianPackages)[];
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
}
