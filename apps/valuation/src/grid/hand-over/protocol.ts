// What two controllers say to each other when one that leaves gives its jobs to the other. Messages may be lost: offers,
// pieces and commits are said again until they are answered, and who gets one twice answers twice.

import type { ControllerMessage, Peer } from '../protocol.ts';
import type { PartSum } from './taking.ts';

/** Who meets another version refuses; then the controller that leaves waits for its jobs. */
export const handOverVersion = 1;

export interface OfferedJob {
  readonly id: string;
  readonly ended: boolean;
  /** Trades without a result. */
  readonly queuedTrades: number;
  /** Bytes of trades and results so far. */
  readonly bytes: number;
  /** Hashes of the snapshots that the job needs to go on. */
  readonly snapshots: readonly string[];
}

interface Head {
  readonly version: number;
  /** Names this try of a hand-over. */
  readonly transfer: string;
}

interface FromGiver extends Head {
  readonly replyTo: Peer<ControllerMessage>;
}

/** From the controller that leaves. */
export type GiverMessage =
  | (FromGiver & {
      readonly type: 'handOverOffer';
      /** Address of the controller that leaves. */
      readonly controller: string;
      readonly job: OfferedJob;
    })
  | (FromGiver & {
      readonly type: 'handOverPiece';
      readonly sequence: number;
      readonly part: string;
      readonly bytes: Uint8Array;
    })
  | (FromGiver & { readonly type: 'handOverCommit'; readonly sums: readonly PartSum[] })
  | (FromGiver & { readonly type: 'handOverDrop' });

/** From the one that takes the job. */
export type TakerMessage =
  | (Head & { readonly type: 'handOverAccepted'; readonly lacks: readonly string[] })
  | (Head & { readonly type: 'handOverRefused'; readonly reason: string })
  | (Head & { readonly type: 'handOverAcknowledged'; readonly next: number })
  | (Head & { readonly type: 'handOverTaken' });

export type HandOverMessage = GiverMessage | TakerMessage;
