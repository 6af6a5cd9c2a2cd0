// The entry of the intake thread. Plain JavaScript, so that the cache of stripped types serves what it loads: the first
// upload of a controller waits for this.

import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./intake-thread.ts');
