// The grid: controllers that take jobs and keep their results, workers that price, in one cluster.

export { ClusterMembership } from './cluster-membership.ts';
export { type ControllerHandle, type ControllerSetup, spawnController } from './controller.ts';
export { type SchedulingOptions, schedulingDefaults } from './core/options.ts';
export {
  GridError,
  type GridErrorCode,
  gridErrorCodes,
  type TradeErrorCode,
  tradeErrorCodes,
} from './errors.ts';
export { GridService } from './grid-service.ts';
export {
  controllerRole,
  FixedMembership,
  type GridMember,
  type Membership,
  workerRole,
} from './membership.ts';
export { type ControllerOptions, controllerDefaults, type WorkerOptions } from './options.ts';
export type {
  GridListener,
  JobRequest,
  JobsQuery,
  ResultQuery,
  Subscription,
  ValueRequest,
} from './requests.ts';
export {
  type ControllerNodeOptions,
  gridSplitBrain,
  type NodeOptions,
  type RunningController,
  type RunningWorker,
  startController,
  startWorker,
  systemNameDefault,
  type WorkerNodeOptions,
} from './start.ts';
export {
  type GridView,
  type HistogramView,
  hasJobEnded,
  type JobState,
  type JobView,
  jobStates,
  type MemberChange,
  type MemberEventView,
  type NodeLoad,
  type NodeView,
  type ResultPageView,
  type ResultView,
  type SnapshotInfoView,
  type TradeErrorView,
  type WorkerShareView,
} from './views.ts';
export { spawnWorker, type WorkerHandle, type WorkerSetup } from './worker.ts';
