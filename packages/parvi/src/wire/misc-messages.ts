// Pekko's small stock messages (serializer 16): Identify, Status, PoisonPill and so on. What they carry stays bytes
// (`Payload`), so that a correlation id can be echoed without being understood.
// Source: Pekko `MiscMessageSerializer`.

import type { Address, UniqueAddress } from './address.ts';
import type { Payload } from './payload.ts';

export interface StackTraceElement {
  readonly className: string;
  readonly methodName: string;
  /** Empty when not known. */
  readonly fileName: string;
  readonly lineNumber: number;
}

export type MiscMessage =
  | { readonly kind: 'identify'; readonly messageId: Payload }
  | {
      readonly kind: 'actorIdentity';
      readonly correlationId: Payload;
      /** Path text; absent when there is no such actor. */
      readonly ref: string | undefined;
    }
  /** Scala's Option and Java's Optional. */
  | { readonly kind: 'option' | 'optional'; readonly value: Payload | undefined }
  | { readonly kind: 'statusSuccess' | 'statusReplySuccess'; readonly value: Payload }
  | { readonly kind: 'statusFailure' | 'statusReplyError'; readonly cause: Payload }
  | { readonly kind: 'statusReplyErrorText'; readonly text: string }
  | {
      readonly kind: 'throwable';
      readonly className: string;
      readonly message: string | undefined;
      readonly cause: Payload | undefined;
      readonly stackTrace: readonly StackTraceElement[];
    }
  /** A throwable of a class that the JVM does not send as such; the form in which failures leave this toolkit. */
  | {
      readonly kind: 'throwableNotSerializable';
      readonly message: string;
      readonly originalMessage: string;
      readonly originalClassName: string;
    }
  | {
      readonly kind: 'actorInitializationException';
      readonly actor: string | undefined;
      readonly message: string;
      readonly cause: Payload;
    }
  | { readonly kind: 'actorRef'; readonly path: string }
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'uniqueAddress'; readonly node: UniqueAddress }
  | { readonly kind: 'remoteScope'; readonly node: Address }
  | { readonly kind: 'config'; readonly json: string }
  | {
      readonly kind: 'poisonPill' | 'kill' | 'done' | 'notUsed' | 'statusReplyAck' | 'localScope';
    };
