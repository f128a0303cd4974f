/**
 * What the engine asks of compression (RFC 7692, section 7.2). It is handed in from outside, since
 * DEFLATE is the runtime's.
 *
 * @module
 */

/** Takes what comes out of a compressed message. */
export interface InflateSink {
  /** Inflated bytes, from `start` to `end`, borrowed; false when no more of them are wanted. */
  onInflated(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Inflates the messages of one peer. */
export interface Inflater {
  /** Inflates a piece of a message; false when it is no DEFLATE data. */
  push(chunk: Uint8Array, start: number, end: number, sink: InflateSink): boolean;
  /** The message has ended: gives what is left of it; false as above. */
  finish(sink: InflateSink): boolean;
}

/** Deflates our messages. */
export interface Deflater {
  /** Deflates a whole message, without the four bytes that end each; the result is the caller's. */
  deflate(payload: Uint8Array): Uint8Array;
}
