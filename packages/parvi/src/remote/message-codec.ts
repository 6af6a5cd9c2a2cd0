// Between messages as actors know them and frames as the wire knows them: selections, stock messages, everything else.

import { SelectedMessage } from '../actor/index.ts';
import {
  type ControlMessage,
  type ControlRoute,
  type EnvelopeWriter,
  type HeaderText,
  noText,
  type Payload,
  SerializerRegistry,
  type SerializerRegistryOptions,
  selectionMessage,
  WireMessage,
  writeControl,
  writeMessage,
} from '../wire/index.ts';
import type { FrameEncoder } from './remoting-context.ts';

export type SerializationOptions = Omit<SerializerRegistryOptions, 'refs'>;

export class MessageCodec implements FrameEncoder {
  readonly registry: SerializerRegistry;
  readonly #route = { sender: noText, recipient: noText };

  /** `resolve` makes refs of the path texts inside messages. */
  constructor(options: SerializationOptions, resolve: (path: string) => unknown) {
    this.registry = new SerializerRegistry({ ...options, refs: { resolveRef: resolve } });
  }

  encode(
    writer: EnvelopeWriter,
    message: unknown,
    recipient: HeaderText,
    sender: HeaderText,
  ): void {
    const route = this.#route;
    route.sender = sender;
    route.recipient = recipient;
    const value =
      typeof message === 'object' && message !== null ? this.#outgoing(message) : message;
    writeMessage(writer, this.registry, value, route);
  }

  encodeControl(writer: EnvelopeWriter, message: ControlMessage, route: ControlRoute): void {
    writeControl(writer, message, route);
  }

  /** @throws WireError */
  decode(
    serializerId: number,
    manifest: string,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): unknown {
    const value = this.registry.decode(serializerId, manifest, bytes, start, end);
    return value instanceof WireMessage ? this.#incoming(value) : value;
  }

  #outgoing(message: object): unknown {
    if (!(message instanceof SelectedMessage)) return message;
    const { elements, wildcardFanOut } = message;
    const payload = this.registry.payloadOf(message.message);
    return selectionMessage({ kind: 'selection', elements, wildcardFanOut, message: payload });
  }

  #incoming(wire: WireMessage): unknown {
    const { message } = wire;
    if (message.kind !== 'selection') return wire;
    const { elements, wildcardFanOut } = message;
    return new SelectedMessage(elements, this.valueOf(message.message), wildcardFanOut);
  }

  /** Reads a message that came inside another one. @throws WireError */
  valueOf({ serializerId, manifest, bytes }: Payload): unknown {
    return this.decode(serializerId, manifest, bytes, 0, bytes.length);
  }
}
