// The entry of a pricing thread. Plain JavaScript, so that the cache of stripped types serves what it loads: without it
// a thread takes three times as long to start and twenty megabytes more.

import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./pricing-thread.ts');
