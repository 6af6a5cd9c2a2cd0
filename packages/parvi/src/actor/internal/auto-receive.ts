// Stock messages that every actor understands without a handler: Identify, PoisonPill and Kill, as other nodes send
// them and as local code may.

import { type MiscMessage, miscMessage } from '../../wire/index.ts';
import { ActorError } from '../errors.ts';
import { readMisc } from '../protocol.ts';
import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';

/** Whether the message was one of these and is dealt with. */
export function autoReceive(
  cell: Cell,
  message: unknown,
  sender: ActorRef<never> | undefined,
): boolean {
  const misc = readMisc(message);
  switch (misc?.kind) {
    case 'poisonPill':
      cell.signal({ kind: 'terminate' });
      return true;
    case 'kill':
      throw new ActorError(
        'ACTOR_KILLED',
        `"${cell.localPath}" was told to fail by a Kill message`,
        { fields: { actor: cell.localPath } },
      );
    case 'identify':
      answerIdentify(misc, cell.ref.path, sender);
      return true;
    default:
      return false;
  }
}

/** Tells the sender which actor stands here: its path, or `undefined` for none. */
export function answerIdentify(
  { messageId }: Extract<MiscMessage, { readonly kind: 'identify' }>,
  ref: string | undefined,
  sender: ActorRef<never> | undefined,
): void {
  const identity = miscMessage({ kind: 'actorIdentity', correlationId: messageId, ref });
  (sender as ActorRef<unknown> | undefined)?.tell(identity);
}
