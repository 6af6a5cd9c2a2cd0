// Layer 8: what users of the toolkit test their own actors with.

export { ManualTime } from './manual-time.ts';
export { MemoryLease } from './memory-lease.ts';
export { Probe } from './probe.ts';
export { type ReadSpan, readSpans } from './read-spans.ts';
export { SimCluster, type SimClusterOptions } from './sim-cluster.ts';
export { SimExpectations } from './sim-expectations.ts';
export { type FaultKind, type FaultPlan, faultKinds, injectFaults } from './sim-faults.ts';
export { InvariantChecker, InvariantViolation } from './sim-invariants.ts';
export { type LinkState, type NetworkOptions, SimNetwork } from './sim-network.ts';
export type { SimProcess } from './sim-process.ts';
export {
  runSimulation,
  SimulationFailure,
  type SimulationOptions,
  type SimulationResult,
} from './simulation.ts';
export { TestCluster, type TestClusterOptions, type TestNode } from './test-cluster.ts';
export { type TestSystem, type TestSystemOptions, testSystem } from './test-system.ts';
