// The port to a lease: something outside the cluster that at most one owner holds at a time.

export interface Lease {
  /**
   * `true`: held by this owner from now on, until released or lost. `false`: somebody else has it. Rejects when the
   * outcome is unknown, at the latest after 10 s: from then on it counts as not held, and is released should it come yet.
   * `onLost` is called when a held lease is lost later.
   */
  acquire(onLost: () => void): Promise<boolean>;
  /** `false`, or a rejection, when it could not be released; that is tried again. */
  release(): Promise<boolean>;
}
