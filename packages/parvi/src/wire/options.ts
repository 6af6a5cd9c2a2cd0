// Limits of what this layer reads and writes. Every limit exists so that one bad peer costs a dropped message,
// not memory.

export interface WireLimits {
  /** Longest frame on control and ordinary streams, bytes. Default 262144, Pekko's `maximum-frame-size`. */
  readonly frameBytesMax: number;
  /** Longest frame on the large stream, bytes. Default 2097152, Pekko's `maximum-large-frame-size`. */
  readonly largeFrameBytesMax: number;
  /** Deepest nesting of a CBOR or JSON payload. Default 1000, as Jackson's. */
  readonly depthMax: number;
  /**
   * Most bytes a compressed payload may inflate to. Default 8388608. A byte of input can become an object of a hundred, so
   * this also says how much memory one frame may take.
   */
  readonly inflatedBytesMax: number;
  /** The same for gossip. Default 2097152, more than a gossip can be that still fits into a frame when compressed. */
  readonly inflatedGossipBytesMax: number;
}

export const wireLimitsDefaults: WireLimits = Object.freeze({
  frameBytesMax: 262_144,
  largeFrameBytesMax: 2_097_152,
  depthMax: 1000,
  inflatedBytesMax: 8_388_608,
  inflatedGossipBytesMax: 2_097_152,
});
