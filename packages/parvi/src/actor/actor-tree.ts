// The tree of actors as it is now, for who looks into a running system: states and waiting messages, as deep and as many
// as asked for.

/** Of a child, what its parent's place does not tell. */
export interface ActorView {
  readonly name: string;
  /** From the root, without address: `/user/a/b`. */
  readonly path: string;
  readonly state: ActorState;
  /** Waits for a promise of its own, so that its mailbox stands still. */
  readonly waiting: boolean;
  /** Messages in its mailbox. */
  readonly mailbox: number;
  /** Messages that it set aside. */
  readonly stashed: number;
  readonly restarts: number;
  /** All of them, shown or not. */
  readonly childCount: number;
  readonly children: readonly ActorView[];
}

export type ActorState =
  | 'starting'
  | 'running'
  | 'suspended'
  | 'restarting'
  | 'stopping'
  | 'stopped';

export interface ActorTreeOptions {
  /** Where to begin, such as `/user/a`. Default: both guardians. */
  readonly path?: string;
  /** Levels below the beginning. */
  readonly depthMax: number;
  /** Actors shown; those nearer to the beginning first. */
  readonly actorsMax: number;
}

export interface ActorTree {
  readonly roots: readonly ActorView[];
  readonly shown: number;
  /** Something is left out for one of the limits. */
  readonly truncated: boolean;
}
