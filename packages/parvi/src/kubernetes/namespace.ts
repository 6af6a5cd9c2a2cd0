// Which namespace this node lives in.

import { type Environment, podEnvironment } from './environment.ts';
import { nodeReadFile, type ReadFile } from './http-door.ts';
import { type KubernetesOptions, namespaceFile } from './options.ts';

/** The option, the environment, the file of the service account, in this order; else `default`. */
export async function ownNamespace(
  options: Pick<KubernetesOptions, 'namespace'>,
  ports: { readonly environment: Environment; readonly readFile?: ReadFile },
): Promise<string> {
  const known = options.namespace ?? podEnvironment(ports.environment).namespace;
  if (known !== undefined) return known;
  const readFile = ports.readFile ?? nodeReadFile;
  const text = await readFile(namespaceFile).then(
    (read) => read.trim(),
    () => '',
  );
  return text === '' ? 'default' : text;
}
