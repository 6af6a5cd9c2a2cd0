// What the doctor says of the certificates of a node: which do not hold now, which end soon, and which do not name it.

import { isoTime } from '../runtime/index.ts';

/** Those of one file, one after another. Times are of the wall clock. */
export interface PlannedCertificates {
  /** That names the file. */
  readonly option: string;
  readonly path: string;
  /** Vouches for others, rather than for the node. */
  readonly isAuthority: boolean;
  /** The host by which others call the node, where the first certificate does not name it. */
  readonly hostMissing?: string;
  readonly certificates: readonly {
    readonly subject: string;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
}

type OneCertificate = PlannedCertificates['certificates'][number];

interface Judgement {
  readonly verdict: 'ok' | 'note' | 'problem';
  readonly text: string;
}

const dayMs = 86_400_000;
const soonMs = 14 * dayMs;

export function judgeCertificates(file: PlannedCertificates, nowMs: number): readonly Judgement[] {
  const { option, path, hostMissing } = file;
  const times = judgeTimes(file, nowMs);
  if (hostMissing === undefined) return times;
  const text = `${option} "${path}" does not name "${hostMissing}", by which others call this node: they would not talk to it; have it named there, or set remote.host to a name that is`;
  return [...times, { verdict: 'note', text }];
}

function judgeTimes(file: PlannedCertificates, nowMs: number): readonly Judgement[] {
  const { option, path, isAuthority, certificates } = file;
  const holds = ({ fromMs, toMs }: OneCertificate): boolean => fromMs <= nowMs && nowMs < toMs;
  // Beside the authority of today stand that of yesterday and of tomorrow, while they are changed.
  const isSpare = isAuthority && certificates.some(holds);
  const judgements = certificates.flatMap((one): Judgement[] => {
    const said = outside(one, nowMs) ?? endsSoon(one, nowMs);
    if (said === undefined) return [];
    const verdict = holds(one) || isSpare ? 'note' : 'problem';
    const whose = one.subject === '' ? '' : ` (${one.subject})`;
    return [{ verdict, text: `${option} "${path}"${whose} ${said}` }];
  });
  if (judgements.length > 0) return judgements;
  const untilMs = Math.min(...certificates.map(({ toMs }) => toMs));
  return [{ verdict: 'ok', text: `${option} "${path}" holds until ${isoTime(untilMs)}` }];
}

function outside({ fromMs, toMs }: OneCertificate, nowMs: number): string | undefined {
  if (toMs <= nowMs) return `has expired, at ${isoTime(toMs)}; renew it`;
  if (fromMs <= nowMs) return undefined;
  return `is not valid before ${isoTime(fromMs)}; see whether the clock of this machine is right, or have it made anew`;
}

function endsSoon({ toMs }: OneCertificate, nowMs: number): string | undefined {
  const leftMs = toMs - nowMs;
  if (leftMs > soonMs) return undefined;
  const days = Math.floor(leftMs / dayMs);
  const left = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
  return `expires at ${isoTime(toMs)}, in ${left}; renew it`;
}
