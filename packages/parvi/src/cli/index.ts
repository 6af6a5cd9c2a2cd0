// Layer 8: the `parvi` command, which reaches nodes through their management servers only.

export type { PlannedCertificates } from './certificate-times.ts';
export type { CheckedNode } from './config-commands.ts';
export type { CliPorts } from './context.ts';
export type { NodePlan } from './doctor.ts';
export { CliError, type CliErrorCode, cliErrors } from './exit-codes.ts';
export { httpDoor } from './http-door.ts';
export { netDoor } from './net-door.ts';
export { commandReference, type NodeKnowledge, runCommand } from './program.ts';
