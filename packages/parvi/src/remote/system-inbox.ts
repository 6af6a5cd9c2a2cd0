// System messages that came in, in order and once each: to the actors they are for, or to the watcher.

import { type ActorSystem, sendSystem } from '../actor/index.ts';
import { type SystemMessage, type SystemMessageEnvelope, sameAddress } from '../wire/index.ts';
import type { Inbox } from './inbox.ts';
import type { LocalDoors } from './local-doors.ts';
import { fitsHeader } from './ref-headers.ts';
import type { RemotingContext } from './remoting-context.ts';
import { addressOfPath, type Watcher } from './watcher.ts';

export interface SystemInboxOptions {
  readonly system: ActorSystem;
  readonly context: RemotingContext;
  readonly doors: LocalDoors;
  readonly watcher: Watcher;
}

export class SystemInbox {
  readonly #options: SystemInboxOptions;

  constructor(options: SystemInboxOptions) {
    this.#options = options;
  }

  deliver(inbox: Inbox, envelope: SystemMessageEnvelope, recipient: string): void {
    const { message } = envelope;
    switch (message.kind) {
      case 'watch':
      case 'unwatch':
        this.#watch(inbox, message, recipient);
        break;
      case 'deathWatchNotification':
        this.#deathNotice(inbox, message, recipient);
        break;
      case 'terminate':
        this.#terminate(inbox, message, recipient);
        break;
      case 'unreadable':
        this.#ignored(inbox, message.kind, recipient, message.reason);
        break;
      default:
        // Creation, supervision and failure belong to remote deployment, which only JVM nodes do among themselves.
        this.#ignored(inbox, message.kind, recipient, 'remote deployment is not supported');
    }
  }

  /** The watchee is the recipient and the watcher lives on the node that sent this; anything else is refused. */
  #watch(
    inbox: Inbox,
    message: SystemMessage & { readonly kind: 'watch' | 'unwatch' },
    recipient: string,
  ): void {
    const { system, doors, watcher } = this.#options;
    const watchee = doors.localRef(message.watchee);
    const from = addressOfPath(message.watcher);
    const { address } = inbox.peer;
    const isSenders = from !== undefined && sameAddress(from, address);
    // No notice could be sent to any other path.
    const legal = message.watchee === recipient && isSenders && fitsHeader(message.watcher);
    if (watchee === undefined || !legal) {
      this.#ignored(
        inbox,
        message.kind,
        recipient,
        'it is not between that node and its recipient',
      );
      return;
    }
    if (message.kind === 'watch') watcher.incomingWatch(message.watchee, message.watcher, address);
    else watcher.incomingUnwatch(message.watchee, message.watcher, address);
    const far = system.resolve(message.watcher);
    watchee[sendSystem]({ kind: message.kind, watchee, watcher: far });
  }

  #deathNotice(
    inbox: Inbox,
    message: SystemMessage & { readonly kind: 'deathWatchNotification' },
    recipient: string,
  ): void {
    const { system, doors, watcher } = this.#options;
    const { actor, existenceConfirmed, addressTerminated } = message;
    const { address } = inbox.peer;
    const of = addressOfPath(actor);
    if (of === undefined || !sameAddress(of, address)) {
      this.#ignored(inbox, message.kind, recipient, 'it is about an actor of another node');
      return;
    }
    if (recipient === watcher.ref.path) {
      watcher.deathNotice(actor, address, { existenceConfirmed, addressTerminated });
      return;
    }
    const target = doors.localRef(recipient);
    target?.[sendSystem]({
      kind: 'deathWatchNotification',
      actor: system.resolve(actor),
      existenceConfirmed,
      addressTerminated,
    });
  }

  #terminate(inbox: Inbox, message: SystemMessage, recipient: string): void {
    const { doors, context } = this.#options;
    if (doors.mayTerminate(recipient)) {
      doors.localRef(recipient)?.[sendSystem]({ kind: 'terminate' });
      return;
    }
    context.deadLetter({ message, recipient, reason: 'notAllowed' });
    this.#ignored(inbox, message.kind, recipient, 'that actor is not stopped from outside');
  }

  #ignored(inbox: Inbox, kind: string, recipient: string, why: string): void {
    const peer = inbox.peer.addressText;
    this.#options.context.complaints.write(
      `system ${kind} ${peer}`,
      'warn',
      { peer, kind, recipient, why },
      'System message was acknowledged and not carried out',
    );
  }
}
