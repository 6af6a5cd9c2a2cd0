// A message that is still bytes, with what is needed to read it. Stands inside other messages (selections, status
// replies, correlation ids) and can be passed on without understanding it.

export interface Payload {
  readonly serializerId: number;
  /** Empty when the serializer needs none. */
  readonly manifest: string;
  readonly bytes: Uint8Array;
}
