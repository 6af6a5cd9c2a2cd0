// The tables we offer a peer for its traffic to us: which paths and class names it sends most often, numbered, so
// that it may send the number. One such machine per peer incarnation and kind of table. Pure.
// Source: Pekko `artery/compress/InboundCompressions.scala`.

export interface AdvertisedTable {
  /** 0 is the empty table before any other; then 1 to 127, and 0 again. */
  readonly version: number;
  /** The text of index i. */
  readonly keys: readonly string[];
}

export interface TableAdvertising {
  readonly active: AdvertisedTable;
  /** Replaced tables; frames that were under way may still use them. Newest first. */
  readonly old: readonly AdvertisedTable[];
  readonly proposed: AdvertisedTable | undefined;
  /** How often the proposed table was sent. */
  readonly sent: number;
}

export type TableAdvertisingEvent =
  /** The interval passed. `keys`: what came most often since the last one, most frequent first. */
  | { readonly type: 'tick'; readonly keys: readonly string[] }
  | { readonly type: 'acknowledged'; readonly version: number }
  /** A frame came that uses this version, which proves that the peer has it. */
  | { readonly type: 'used'; readonly version: number };

export interface TableAdvertisingStep {
  readonly state: TableAdvertising;
  /** The table to send now. */
  readonly advertise: AdvertisedTable | undefined;
}

export const nothingAdvertised: TableAdvertising = {
  active: { version: 0, keys: [] },
  old: [],
  proposed: undefined,
  sent: 0,
};

const sendsMax = 3;
const oldTablesMax = 3;
const versionMax = 127;

export function stepTableAdvertising(
  state: TableAdvertising,
  event: TableAdvertisingEvent,
): TableAdvertisingStep {
  switch (event.type) {
    case 'tick':
      return tick(state, event.keys);
    case 'acknowledged':
    case 'used':
      if (state.proposed?.version !== event.version) return { state, advertise: undefined };
      return { state: promote(state, state.proposed), advertise: undefined };
  }
}

/** The table of that version, as long as frames may use it. */
export function tableOfVersion(
  state: TableAdvertising,
  version: number,
): AdvertisedTable | undefined {
  if (state.active.version === version) return state.active;
  if (state.proposed?.version === version) return state.proposed;
  return state.old.find((table) => table.version === version);
}

function tick(state: TableAdvertising, keys: readonly string[]): TableAdvertisingStep {
  if (state.proposed !== undefined) return repeatOrPromote(state, state.proposed);
  const known = new Set(state.active.keys);
  if (keys.length === 0 || keys.every((key) => known.has(key))) {
    return { state, advertise: undefined };
  }
  const version = state.active.version === versionMax ? 0 : state.active.version + 1;
  const proposed = { version, keys: [...keys] };
  return { state: { ...state, proposed, sent: 1 }, advertise: proposed };
}

function repeatOrPromote(state: TableAdvertising, proposed: AdvertisedTable): TableAdvertisingStep {
  if (state.sent >= sendsMax) return { state: promote(state, proposed), advertise: undefined };
  return { state: { ...state, sent: state.sent + 1 }, advertise: proposed };
}

function promote(state: TableAdvertising, table: AdvertisedTable): TableAdvertising {
  const old = [state.active, ...state.old].slice(0, oldTablesMax);
  return { active: table, old, proposed: undefined, sent: 0 };
}
