// A lease that is held by whose name stands in a file; nodes of the JVM use the same (FileLease.java).

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Lease } from 'parvi/cluster';

export function fileLease(path: string, owner: string): Lease {
  const isHeld = (): boolean => readFileSync(path, 'utf8') === owner;
  return {
    async acquire() {
      try {
        writeFileSync(path, owner, { flag: 'wx' });
        return true;
      } catch {
        return isHeld();
      }
    },
    async release() {
      if (!isHeld()) return false;
      rmSync(path);
      return true;
    },
  };
}
