// Limits of what this layer reads and writes. Every limit exists so that one bad peer costs a dropped message,
// not memory.

export interface WireLimits {
  /** Longest frame on control and ordinary streams, bytes. Default 262144, Pekko's `maximum-frame-size`. */
  readonly frameBytesMax: number;
  /** Longest frame on the large stream, bytes. Default 2097152, Pekko's `maximum-large-frame-size`. */
  readonly largeFrameBytesMax: number;
  /** Deepest nesting of a CBOR or JSON payload. Default 1000, as Jackson's. */
  readonly depthMax: number;
  /** Most bytes a compressed payload may inflate to. Default 33554432. */
  readonly inflatedBytesMax: number;
}

export const wireLimitsDefaults: WireLimits = Object.freeze({
  frameBytesMax: 262_144,
  largeFrameBytesMax: 2_097_152,
  depthMax: 1000,
  inflatedBytesMax: 33_554_432,
});
