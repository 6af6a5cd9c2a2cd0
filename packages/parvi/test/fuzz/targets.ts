// Everything that reads bytes from outside.

import { frameTargets } from './frame-targets.ts';
import { payloadTargets } from './payload-targets.ts';
import type { FuzzTarget } from './target.ts';

export const fuzzTargets: readonly FuzzTarget[] = [...frameTargets, ...payloadTargets];
