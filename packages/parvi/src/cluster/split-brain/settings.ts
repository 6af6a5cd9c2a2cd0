// How split brains are resolved.

interface WithRole {
  /** Only members with this role are counted; all are downed alike. */
  readonly role?: string | undefined;
}

export type StrategySettings =
  | ({ readonly name: 'keep-majority' } & WithRole)
  | ({ readonly name: 'static-quorum'; readonly quorumSize: number } & WithRole)
  | ({ readonly name: 'keep-oldest'; readonly downIfAlone: boolean } & WithRole)
  | { readonly name: 'down-all' }
  | ({
      readonly name: 'lease-majority';
      readonly acquireDelayForMinorityMs: number;
      readonly releaseAfterMs: number;
    } & WithRole);

export interface SplitBrainSettings {
  readonly strategy: StrategySettings;
  /** No decision before membership and reachability have been stable for so long. */
  readonly stableAfterMs: number;
  /** When reachability keeps changing for that long on top of the above, everybody is downed; `undefined`: never. */
  readonly downAllWhenUnstableMs: number | undefined;
  readonly tickMs: number;
}
