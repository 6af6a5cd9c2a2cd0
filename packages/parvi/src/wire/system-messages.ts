// System messages: what keeps death watch and termination reliable across nodes. On the wire they only travel
// inside a SystemMessageEnvelope (serializer 17, manifest `j`) with serializer id 22 and no manifest.
// Source: Pekko `SystemMessageSerializer`, `SystemMessageFormats.proto`.

import type { Payload } from './payload.ts';

/** Refs are path texts with address and `#uid`; causes are throwables of the JVM, kept as they came. */
export type SystemMessage =
  | { readonly kind: 'watch'; readonly watchee: string; readonly watcher: string }
  | { readonly kind: 'unwatch'; readonly watchee: string; readonly watcher: string }
  | {
      readonly kind: 'deathWatchNotification';
      readonly actor: string;
      readonly existenceConfirmed: boolean;
      readonly addressTerminated: boolean;
    }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'create' | 'recreate' | 'resume'; readonly cause?: Payload }
  | { readonly kind: 'supervise'; readonly child: string; readonly async: boolean }
  | {
      readonly kind: 'failed';
      readonly child: string;
      /** Uid of the failed child, an actor uid widened to 64 bits. */
      readonly uid: bigint;
      readonly cause?: Payload;
    };
