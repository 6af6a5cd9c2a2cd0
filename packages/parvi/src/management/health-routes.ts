// /startup, /ready, /alive: what an orchestrator asks. The answers are those of Pekko Management (`HealthCheckRoutes`,
// `HealthChecksImpl`); with `?verbose`, or asked for JSON, all checks are told with what they say and how long they took.

import type {
  HealthAspect,
  HealthCheckResult,
  HealthRegistry,
  HealthReport,
} from '../observe/index.ts';
import { jsonAnswer, ok, textAnswer } from './answers.ts';
import type { FullAnswer, ManagementRequest, Route } from './protocol.ts';

export type HealthPaths = Readonly<Record<HealthAspect, string>>;

const aspects: readonly HealthAspect[] = ['startup', 'ready', 'alive'];

/** @param paths below the base path, without slash at the beginning */
export function healthRoutes(health: Pick<HealthRegistry, 'run'>, paths: HealthPaths): Route[] {
  return aspects.map((aspect) => ({
    path: `/${paths[aspect]}`,
    match: 'exact',
    group: 'health',
    methods: {
      GET: async (request) => {
        const report = await health.run(aspect);
        return wantsAll(request) ? wholeReport(report) : plainReport(report);
      },
    },
  }));
}

function wantsAll({ query, headers }: ManagementRequest): boolean {
  const verbose = query.get('verbose');
  if (verbose !== null) return verbose !== 'false';
  return /^application\/json\b/i.test(headers.accept ?? '');
}

/** A check that failed comes before one that said no, as there; of each kind the first that was registered. */
export function plainReport({ checks }: HealthReport): FullAnswer {
  const failing = checks.find(({ outcome }) => outcome === 'failed' || outcome === 'timedOut');
  if (failing !== undefined) {
    return textAnswer(500, `Health Check Failed: Check [${failing.name}] ${howItFailed(failing)}`);
  }
  const refusing = checks.find(({ healthy }) => !healthy);
  return refusing === undefined
    ? ok
    : textAnswer(500, `Not Healthy: Check [${refusing.name}] not ok`);
}

function howItFailed({ outcome, reason, limitMs }: HealthCheckResult): string {
  return outcome === 'timedOut'
    ? `timed out after ${limitMs} milliseconds`
    : `failed: ${reason ?? ''}`;
}

export function wholeReport({ aspect, healthy, checks }: HealthReport): FullAnswer {
  const shown = checks.map(({ name, healthy: passed, reason, tookMs }) => ({
    name,
    healthy: passed,
    reason,
    tookMs: Math.round(tookMs * 1000) / 1000,
  }));
  return jsonAnswer({ aspect, healthy, checks: shown }, healthy ? 200 : 500);
}
