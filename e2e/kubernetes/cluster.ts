// A Kubernetes cluster for tests: `npm run e2e -- cluster up` starts one on this machine and prints its kubeconfig,
// `load-image` puts images into it, `kubectl` talks to it, `down` ends it. Settings of the scripts below `testbed` are
// variables, such as K8S_NODES=2.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

const testbed = join(import.meta.dirname, 'testbed');

const commands: Readonly<Record<string, string>> = {
  up: 'start it, and print the path of its kubeconfig; six minutes the first time, half a minute then',
  'load-image': 'NAME:TAG... or FILE.tar...: put images of podman or archives into it',
  kubectl: 'ARGUMENTS...: run kubectl of its version in it',
  'in-node': 'NUMBER COMMAND...: run a command inside a node',
  down: 'end it; KEEP_LOGS=FOLDER keeps its logs',
};

function usage(): string {
  const lines = Object.entries(commands).map(([name, what]) => `  ${name.padEnd(10)}  ${what}`);
  return `npm run e2e -- cluster <command>\n\n${lines.join('\n')}\n`;
}

function run(command: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(testbed, `${command}.sh`), words, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const [command = '', ...words] = process.argv.slice(2);
if (Object.hasOwn(commands, command)) {
  process.exitCode = await run(command, words);
} else {
  process.stderr.write(usage());
  process.exitCode = 2;
}
