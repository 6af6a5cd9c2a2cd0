// Which helm and kubectl run, and how a shell comes to the same.

import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasHelm, must, toolFolders } from './tools.ts';

describe('the tools', () => {
  it('are found in the folders of those that are named, and by PATH where only their names are', () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HELM', '/opt/helm-4/helm');
    vi.stubEnv('KUBECTL', 'node');
    vi.stubEnv('PATH', ['/nowhere', dirname(process.execPath)].join(delimiter));
    expect(toolFolders()).toEqual(['/opt/helm-4', dirname(process.execPath)]);
    vi.stubEnv('KUBECTL', '/opt/kubectl-1/kubectl');
    expect(toolFolders()).toEqual(['/opt/helm-4', '/opt/kubectl-1']);
  });

  it.skipIf(!hasHelm())('stand in the folders that the command prints for PATH', () => {
    const program = join(import.meta.dirname, 'run.ts');
    const folders = must(process.execPath, [program, '--tools']).trim().split(delimiter);
    const found = ['helm', 'kubectl'].map((name) =>
      folders.some((folder) => {
        try {
          accessSync(join(folder, name), constants.X_OK);
          return true;
        } catch {
          return false;
        }
      }),
    );
    expect(found).toEqual([true, true]);
  });
});
