// Tracing of a node that is started: what its spans say of it, and what becomes of them.

import type { ActorSystem, ActorSystemPorts } from './actor/index.ts';
import type { Cluster } from './cluster/index.ts';
import {
  loadTracing,
  type OtelVariables,
  otelVariables,
  type TelemetryOptions,
} from './observe/index.ts';
import { hostName, newUuid, systemProcess, systemRuntime } from './runtime/index.ts';
import { given } from './start-options.ts';

/** Of members that do not say theirs. */
const unversioned = '0.0.0';

export interface TracedStart {
  readonly ports: ActorSystemPorts;
  attend(system: ActorSystem): void;
  /** Spans tell what kind of member they come from. */
  describeMember(cluster: Cluster): void;
}

/** Ports that trace. What records spans is loaded only where they are wanted. */
export async function tracedPorts(
  telemetry: TelemetryOptions,
  systemName: string,
  ports: ActorSystemPorts,
): Promise<TracedStart> {
  const { random, clock, timers } = ports.runtime ?? systemRuntime();
  const { environment, processId } = ports.process ?? systemProcess;
  const variables = otelVariables(environment);
  const own = { random, clock, timers, instanceId: newUuid() };
  const serviceName = variables.serviceName ?? systemName;
  const tracing = await loadTracing({ serviceName, ...given(telemetry) }, own);
  tracing.describe({
    'host.name': hostName,
    'process.pid': processId,
    ...variables.attributes,
  });
  return {
    ports: { ...ports, tracing },
    attend: (system) => attend(system, variables),
    describeMember: ({ selfMember: { roles, appVersion } }) =>
      tracing.describe({
        'parvi.roles': roles.join(','),
        ...(appVersion === unversioned ? {} : { 'service.version': appVersion }),
        // Who operates the node has the last word.
        ...variables.attributes,
      }),
  };
}

/** The node tells what becomes of its spans; those that are left are sent at the end, while the process still may. */
function attend(system: ActorSystem, { unreadable }: OtelVariables): void {
  const { tracing, coordinatedShutdown, metrics, log, runtime } = system;
  if (unreadable !== undefined) {
    const hint = 'write key=value,key=value, and a comma or sign of a value as %2C';
    log.warn(unreadable, `${unreadable.variable} cannot be read and is not used: ${hint}`);
  }
  tracing?.reportTo({ metrics, log, clock: runtime.clock });
  coordinatedShutdown.addTask('before-actor-system-terminate', 'send-traces', () =>
    tracing?.close(),
  );
}
