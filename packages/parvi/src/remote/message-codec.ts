// Between messages as actors know them and frames as the wire knows them: selections, stock messages, everything else.

import { SelectedMessage } from '../actor/index.ts';
import {
  type ControlMessage,
  type ControlRoute,
  type Envelope,
  type EnvelopeWriter,
  type HeaderText,
  isWireMessage,
  noText,
  type Payload,
  type SelectionElement,
  SerializerRegistry,
  type SerializerRegistryOptions,
  selectionMessage,
  selectionSerializerId,
  WireError,
  WireMessage,
  writeControl,
  writeMessage,
} from '../wire/index.ts';
import type { FrameEncoder } from './remoting-context.ts';

export type SerializationOptions = Omit<SerializerRegistryOptions, 'refs'>;

/** A message in a frame; what an envelope says of it. */
export type EncodedMessage = Pick<
  Envelope,
  'serializerId' | 'bytes' | 'payloadStart' | 'payloadEnd'
>;

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
  decode(encoded: EncodedMessage, manifest: string): unknown {
    const { serializerId, bytes, payloadStart, payloadEnd } = encoded;
    const value = this.registry.decode(serializerId, manifest, bytes, payloadStart, payloadEnd);
    return value instanceof WireMessage ? this.#incoming(value) : value;
  }

  /** Where the selection in a frame leads, whether its message can be read or not; `undefined` for other frames. */
  selectedIn(encoded: EncodedMessage): readonly SelectionElement[] | undefined {
    const { serializerId, bytes, payloadStart, payloadEnd } = encoded;
    if (serializerId !== selectionSerializerId) return undefined;
    try {
      const value = this.registry.decode(serializerId, '', bytes, payloadStart, payloadEnd);
      return isWireMessage(value, selectionSerializerId) ? value.message.elements : undefined;
    } catch (thrown) {
      if (!(thrown instanceof WireError)) throw thrown;
      return undefined;
    }
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
    if (message.message.serializerId === selectionSerializerId) {
      throw new WireError(
        'PAYLOAD_MALFORMED',
        'Cannot read a selection whose message is another selection: they are not nested',
        { fields: { elements: elements.length } },
      );
    }
    return new SelectedMessage(elements, this.valueOf(message.message), wildcardFanOut);
  }

  /** Reads a message that came inside another one. @throws WireError */
  valueOf({ serializerId, manifest, bytes }: Payload): unknown {
    const { length } = bytes;
    return this.decode({ serializerId, bytes, payloadStart: 0, payloadEnd: length }, manifest);
  }
}
