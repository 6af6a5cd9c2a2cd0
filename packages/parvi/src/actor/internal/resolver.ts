// Finds actors of this system by the text of their path, as it comes from the wire or from a person.

import {
  type ActorPathText,
  type Address,
  addressText,
  type Payload,
  parseActorPath,
  sameAddress,
} from '../../wire/index.ts';
import type { Asks } from '../ask.ts';
import type { DeadLetterReason, DeadLetters } from '../dead-letters.ts';
import type { ActorRef } from '../ref.ts';
import type { Cell } from './cell.ts';
import { DeadLetterRef, IgnoreRef, ignorePath, type RootRef } from './stand-in-ref.ts';

/** Makes refs of other nodes; set by remoting. */
export interface RefProvider {
  /** What this system is called on the wire from now on. */
  readonly address: Address;
  remoteRef(path: string, address: Address): ActorRef<unknown>;
  /** Reads a message that came as bytes inside another one, such as the value of a classic `Status.Success`. */
  readPayload?(payload: Payload): unknown;
}

export interface ResolverOptions {
  readonly systemName: string;
  readonly asks: Asks;
  readonly deadLetters: DeadLetters;
  readonly root: RootRef;
  /** The guardian of that name: `user` or `system`. */
  readonly guardian: (name: string) => Cell | undefined;
}

export class Resolver {
  /** The text before the first slash of every local path. */
  prefix: string;
  private provider: RefProvider | undefined = undefined;
  private readonly options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.options = options;
    this.prefix = `pekko://${options.systemName}`;
  }

  get address(): Address | undefined {
    return this.provider?.address;
  }

  setProvider(provider: RefProvider): void {
    this.provider = provider;
    this.prefix = addressText(provider.address);
    this.options.asks.tempPrefix = `${this.prefix}/temp/`;
    this.options.asks.readPayload = (payload) => provider.readPayload?.(payload) ?? payload;
  }

  /** Never throws: a text that leads nowhere gives a dead-letter stand-in. */
  resolve(text: string): ActorRef<unknown> {
    const pending = this.pendingAsk(text);
    if (pending !== undefined) return pending;
    if (text === ignorePath) return new IgnoreRef(this.options.asks);
    let path: ActorPathText;
    try {
      path = parseActorPath(text);
    } catch {
      return this.standIn(text, 'recipientNotFound');
    }
    const { address } = path;
    if (address === undefined || this.isLocal(address)) return this.resolveLocal(text, path);
    if (this.provider === undefined) return this.standIn(text, 'remotingAbsent');
    return this.provider.remoteRef(text, address);
  }

  isLocal(address: Address): boolean {
    const own = this.provider?.address;
    if (own !== undefined && sameAddress(address, own)) return true;
    return address.host === '' && address.system === this.options.systemName;
  }

  standIn(path: string, reason: DeadLetterReason): DeadLetterRef {
    const { asks, deadLetters } = this.options;
    return new DeadLetterRef(asks, deadLetters, { path, reason });
  }

  private resolveLocal(text: string, { elements, uid }: ActorPathText): ActorRef<unknown> {
    const { root, guardian, asks } = this.options;
    const [first = '', ...rest] = elements;
    if (elements.length === 0) return root;
    if (first === 'temp' && rest.length === 1) {
      return asks.find(rest[0] ?? '') ?? this.standIn(text, 'lateReply');
    }
    let cell = guardian(first);
    for (let i = 0; i < rest.length && cell !== undefined; i++) {
      const name = rest[i] ?? '';
      const child: Cell | undefined = cell.children.get(name);
      const adapter = i === rest.length - 1 ? cell.functionRefs.get(name) : undefined;
      if (child === undefined && adapter !== undefined && (uid === 0 || uid === cell.uid)) {
        return adapter;
      }
      cell = child;
    }
    if (cell === undefined) return this.standIn(text, 'recipientNotFound');
    if (uid !== 0 && uid !== cell.uid) return this.standIn(text, 'wrongIncarnation');
    return cell.ref;
  }

  /** Replies come to a new path each time; they are found without taking the text apart. */
  private pendingAsk(text: string): ActorRef<unknown> | undefined {
    const { tempPrefix } = this.options.asks;
    return text.startsWith(tempPrefix)
      ? this.options.asks.find(text, tempPrefix.length)
      : undefined;
  }
}
