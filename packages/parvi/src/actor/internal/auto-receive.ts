// Stock messages that every actor understands when it has no handler of its own for them: Identify, PoisonPill and
// Kill, as other nodes send them and as local code may.

import { ActorError } from '../errors.ts';
import { isKill, isPoisonPill, readIdentify } from '../protocol.ts';
import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';
import type { MiscMessage } from './wire-port.ts';

/** Whether the message was one of these and is dealt with. */
export function autoReceive(
  cell: Cell,
  message: unknown,
  sender: ActorRef<never> | undefined,
): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  if (isPoisonPill(message)) {
    cell.signal({ kind: 'terminate' });
    return true;
  }
  if (isKill(message)) {
    throw new ActorError('ACTOR_KILLED', `"${cell.localPath}" was told to fail by a Kill message`, {
      fields: { actor: cell.localPath },
    });
  }
  const identify = readIdentify(message);
  if (identify === undefined) return false;
  answerIdentify(identify, cell.ref.path, sender);
  return true;
}

/** Tells the sender which actor stands here: its path, or `undefined` for none. */
export function answerIdentify(
  identify: MiscMessage & { readonly kind: 'identify' },
  ref: string | undefined,
  sender: ActorRef<never> | undefined,
): void {
  const identity: MiscMessage = { kind: 'actorIdentity', correlationId: identify.messageId, ref };
  (sender as ActorRef<MiscMessage> | undefined)?.tell(identity);
}
