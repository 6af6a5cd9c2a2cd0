// What is measured of large messages: how long it takes until the other process has them all.

export interface BytesContender {
  readonly name: string;
  /** Sends the same bytes as so many messages; milliseconds until all have been seen. */
  send(bytes: Uint8Array, count: number): Promise<number>;
  close(): Promise<void>;
}
