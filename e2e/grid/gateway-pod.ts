// A real Envoy in a pod before the controllers of a release, with the configuration of deploy/gateway: without TLS, dialling
// the name of each controller's address, as docs/guide/kubernetes.md says.

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { envoyProgram, envoyVersion } from '../gateway/envoy.ts';
import { gatewayText } from '../gateway/gateway-config.ts';
import { ensureNodeImage } from '../images/node-image.ts';
import { podman, run } from '../images/podman.ts';
import type { GridRelease } from './release.ts';

const name = 'gateway';

export const gatewayUrl = `http://${name}:8080/ve-svc/`;

const containerfile = (base: string): string => `FROM ${base} AS build
COPY envoy /usr/local/bin/envoy
RUN set -eu; for file in /usr/local/bin/envoy $(ldd /usr/local/bin/envoy | grep -o '/[^ ]*'); do \\
      mkdir -p "/out$(dirname "$file")"; cp -L "$file" "/out$file"; done
FROM scratch
COPY --from=build /out/ /
USER 65532:65532
`;

/** Makes an image of Envoy where there is none yet, and gives its name. */
export function buildGatewayImage(): string {
  const image = `localhost/envoy:${envoyVersion}`;
  const base = ensureNodeImage();
  if (run('podman', ['image', 'exists', image]).status === 0) return image;
  const folder = mkdtempSync(join(tmpdir(), 'parvi-envoy-'));
  try {
    copyFileSync(envoyProgram(), join(folder, 'envoy'));
    writeFileSync(join(folder, 'Containerfile'), containerfile(base));
    podman('build', '--pull=never', '--network=none', '--format', 'docker', '-t', image, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return image;
}

/** As far as it is changed here. */
interface EnvoyFile {
  readonly admin: { readonly address: { readonly socket_address: { address: string } } };
  readonly static_resources: { listeners: readonly { readonly name: string }[] };
}

function configuration(): string {
  const text = gatewayText('envoy.yaml').replaceAll('address: ve-ctrl,', 'address: ve-ctrl-nodes,');
  const file = parse(text, { maxAliasCount: -1 }) as EnvoyFile;
  // Asked by way of the API server, which comes from outside of the pod.
  file.admin.address.socket_address.address = '0.0.0.0';
  const { static_resources: resources } = file;
  resources.listeners = resources.listeners.filter((listener) => listener.name === 'http');
  return JSON.stringify(file);
}

export class GatewayPod {
  readonly #release: GridRelease;

  private constructor(release: GridRelease) {
    this.#release = release;
  }

  /** Resolves when controllers answer through it. */
  static async start(release: GridRelease, image: string): Promise<GatewayPod> {
    await release.runPod(name, {
      image,
      command: [
        ...['/usr/local/bin/envoy', '-c', '/files/envoy.json', '--disable-hot-restart'],
        ...['--concurrency', '1', '-l', 'warn', '--file-flush-interval-msec', '50'],
      ],
      files: { 'envoy.json': configuration() },
      port: 8080,
      readyPath: '/ve-svc/v1/grid',
    });
    return new GatewayPod(release);
  }

  /** Requests that it sent a second time, as its access log has them. */
  async retried(): Promise<{ readonly requests: number; readonly retried: number }> {
    const lines = (await this.#release.kubectl(['logs', name])).split('\n');
    const seen = lines
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as { readonly attempts: number });
    return { requests: seen.length, retried: seen.filter(({ attempts }) => attempts > 1).length };
  }
}
