// Messages addressed to a selection of actors: the frame goes to an anchor (mostly the root), and the elements lead
// from there (serializer 6, no manifest). Source: Pekko `MessageContainerSerializer`, `ActorSelection.scala`.

import { malformed, readProto } from './internal/proto.ts';
import { protoBytes } from './internal/proto-message.ts';
import { manifestInit, payloadOf } from './internal/proto-payload.ts';
import type { Payload } from './payload.ts';
import { PatternType, type Selection, SelectionEnvelopeSchema } from './proto/container.ts';

export const selectionSerializerId = 6;

export type SelectionElement =
  | { readonly kind: 'parent' }
  | { readonly kind: 'name'; readonly name: string }
  /** Holds `*` or `?`. */
  | { readonly kind: 'pattern'; readonly pattern: string };

export interface SelectionMessage {
  readonly kind: 'selection';
  readonly elements: readonly SelectionElement[];
  /** More than one actor matched on the way; a missing target then answers Identify with silence. */
  readonly wildcardFanOut: boolean;
  readonly message: Payload;
}

/** Elements of a path such as `/system/cluster/*` or `../sibling`. */
export function selectionElements(path: string): SelectionElement[] {
  return path
    .split('/')
    .filter((element) => element !== '')
    .map((element) => {
      if (element === '..') return { kind: 'parent' };
      return /[*?]/.test(element)
        ? { kind: 'pattern', pattern: element }
        : { kind: 'name', name: element };
    });
}

export function selectionBytes(selection: SelectionMessage): Uint8Array {
  const { elements, wildcardFanOut, message } = selection;
  return protoBytes(SelectionEnvelopeSchema, {
    enclosedMessage: message.bytes,
    serializerId: message.serializerId,
    pattern: elements.map(elementInit),
    ...manifestInit(message.manifest),
    wildcardFanOut,
  });
}

function elementInit(element: SelectionElement): Selection {
  switch (element.kind) {
    case 'parent':
      return { type: PatternType.PARENT };
    case 'name':
      return { type: PatternType.CHILD_NAME, matcher: element.name };
    case 'pattern':
      return { type: PatternType.CHILD_PATTERN, matcher: element.pattern };
  }
}

/** @throws WireError `PAYLOAD_MALFORMED` */
export function readSelection(bytes: Uint8Array): SelectionMessage {
  const fields = readProto(SelectionEnvelopeSchema, bytes);
  const elements = fields.pattern.map(({ type, matcher = '' }): SelectionElement => {
    if (type === PatternType.PARENT) return { kind: 'parent' };
    if (matcher === '') throw malformed('SelectionEnvelope', 'an element has no name');
    return type === PatternType.CHILD_NAME
      ? { kind: 'name', name: matcher }
      : { kind: 'pattern', pattern: matcher };
  });
  const { wildcardFanOut = false } = fields;
  return { kind: 'selection', elements, wildcardFanOut, message: payloadOf(fields) };
}
