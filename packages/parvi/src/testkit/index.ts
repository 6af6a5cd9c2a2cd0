// Layer 8: what users of the toolkit test their own actors with.

export { ManualTime } from './manual-time.ts';
export { Probe } from './probe.ts';
export { type TestSystem, type TestSystemOptions, testSystem } from './test-system.ts';
