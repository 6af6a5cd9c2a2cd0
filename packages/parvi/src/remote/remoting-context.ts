// What the parts of remoting share: who we are, the ports, the limits, and the doors to the actor system.

import type { UndeliveredMessage } from '../actor/index.ts';
import type { Logger, LogLimiter } from '../observe/index.ts';
import type { Clock, Random, Timers } from '../runtime/index.ts';
import type {
  ControlMessage,
  ControlRoute,
  EnvelopeWriter,
  HeaderText,
  SlabPool,
  SystemMessage as SystemMessageWire,
  UniqueAddress,
} from '../wire/index.ts';
import type { RemotingEvent } from './events.ts';
import type { RemotingLimits } from './options.ts';
import type { UndeliveredReason } from './outbound-owner.ts';
import type { SealedSlab } from './outbound-queue.ts';
import type { RemotingTelemetry } from './telemetry.ts';
import type { Transport } from './transport.ts';

/** Values to frames. */
export interface FrameEncoder {
  /** Appends one whole frame. @throws WireError */
  encode(writer: EnvelopeWriter, message: unknown, recipient: HeaderText, sender: HeaderText): void;
  /** The same for a message of remoting itself (serializer 17). */
  encodeControl(writer: EnvelopeWriter, message: ControlMessage, route: ControlRoute): void;
}

export interface RemotingContext {
  readonly self: UniqueAddress;
  readonly limits: RemotingLimits;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly pool: SlabPool;
  readonly transport: Transport;
  readonly encoder: FrameEncoder;
  readonly telemetry: RemotingTelemetry;
  readonly log: Logger;
  /** Says each cause once per peer, and again after a while with the number held back; not too many causes a minute. */
  readonly complaints: LogLimiter;
  /** Says once for each peer what it wants and we have not. */
  readonly absentFeatures: LogLimiter;
  readonly usesLargeStream: boolean;
  afterTurn(callback: () => void): void;
  deadLetter(undelivered: UndeliveredMessage): void;
  /** A system message that will not arrive; a Watch is answered with the news that nobody is there. */
  systemMessageUndelivered(message: SystemMessageWire, recipient: string): void;
  /** Frames that were queued and will not be sent; see `StreamOwner.undelivered`. */
  framesUndelivered(
    frames: Uint8Array,
    reason: UndeliveredReason,
    tables: FrameTables,
    onlyCompressed: boolean,
  ): SealedSlab | undefined;
  publish(event: RemotingEvent): void;
}

/** Texts of the table indexes in frames that we encoded. */
export interface FrameTables {
  actorRef(index: number): string;
  manifest(index: number): string;
}
