// A program of `programs/` as one file, small enough for a ConfigMap, so that pods run it on a bare image of Node.

import { rolldown } from 'rolldown';

export async function bundled(path: string): Promise<string> {
  const build = await rolldown({ input: path, platform: 'node', logLevel: 'silent' });
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false });
  await build.close();
  return output[0].code;
}
