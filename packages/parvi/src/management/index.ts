// Layer 7: what operates a node over HTTP: health, members, bootstrap's contact point, events, metrics. Paths and answers
// are those of Pekko Management.

export { checkManagementFiles } from './check-files.ts';
export { ManagementError, type ManagementErrorCode, managementErrors } from './errors.ts';
export {
  type Management,
  type ManagementPorts,
  managementKey,
  managementOf,
  type SelfContactPoint,
  startManagement,
} from './management.ts';
export {
  type AuthenticationOptions,
  checkManagementOptions,
  defaultManagementPort,
  type HealthPathOptions,
  type ManagementLimits,
  type ManagementOptions,
  type ManagementTlsOptions,
} from './options.ts';
