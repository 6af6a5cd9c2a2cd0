// What passes between us and an incarnation that was declared lost. Pure.
//
// A quarantine holds for one uid and for good: the way out is a restart, which brings a new uid. A harmless one
// follows an orderly goodbye; it stops traffic but is no accusation. Source: Pekko `AssociationState`,
// `InboundQuarantineCheck` and `Association.send`.

export interface QuarantineMark {
  readonly uid: bigint;
  readonly reason: string;
  readonly harmless: boolean;
  readonly sinceMs: number;
}

/** What a frame from or to a peer is, as far as quarantine looks. */
export type TrafficKind =
  /** Handshakes, acks, compression and quarantine notices: about the link itself. */
  | 'control'
  /** Heartbeats of any detector; dropped in silence, because answering them would be a flood of its own. */
  | 'heartbeat'
  /** A message by selection: may reach a new incarnation whose uid is not known yet, so it goes through outward. */
  | 'selection'
  /** A numbered system message. */
  | 'system'
  | 'ordinary';

/** What to do with a frame whose header carries the uid of a quarantined incarnation. */
export function judgeInbound(
  mark: QuarantineMark,
  kind: TrafficKind,
  options: { readonly answerHarmless: boolean },
): 'drop' | 'drop-and-answer' {
  if (kind === 'heartbeat' || kind === 'control') return 'drop';
  if (mark.harmless && !options.answerHarmless) return 'drop';
  return 'drop-and-answer';
}

/** Whether a message may still be sent to a peer whose present incarnation is quarantined. */
export function mayPassOutbound(kind: TrafficKind): boolean {
  return kind === 'control' || kind === 'selection' || kind === 'heartbeat';
}

/** The reason in dead letters of messages to a quarantined peer. */
export function quarantineText(mark: QuarantineMark): string {
  return mark.harmless
    ? `the system with uid ${mark.uid} has ended: ${mark.reason}`
    : `the system with uid ${mark.uid} is quarantined: ${mark.reason}`;
}
