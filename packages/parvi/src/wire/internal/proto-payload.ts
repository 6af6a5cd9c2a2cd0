// `Payload` as it stands in Pekko's ContainerFormats: the manifest is bytes, and left out when empty.

import type { Payload } from '../payload.ts';
import type { Payload as Fields } from '../proto/container.ts';
import { copyBytes } from './copy-bytes.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function payloadInit(payload: Payload): Fields {
  return {
    enclosedMessage: payload.bytes,
    serializerId: payload.serializerId,
    ...manifestInit(payload.manifest),
  };
}

export function manifestInit(manifest: string): { messageManifest?: Uint8Array<ArrayBuffer> } {
  return manifest === '' ? {} : { messageManifest: encoder.encode(manifest) };
}

/** Copies the bytes: the frame they came in is reused. */
export function payloadOf(
  message: Pick<Fields, 'enclosedMessage' | 'serializerId' | 'messageManifest'>,
): Payload {
  return {
    serializerId: message.serializerId,
    manifest: decoder.decode(message.messageManifest),
    bytes: copyBytes(message.enclosedMessage),
  };
}
