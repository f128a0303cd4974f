/** Who a connection belongs to, and how it shall behave. @module */

import type { LingerOptions } from "./linger.ts";

/** Who is told what happens. What its listeners throw is its own affair: it must not throw. */
export interface ConnectionOwner {
  /** Whether a chunk is used up when `onData` returns, so that it may be read into again. */
  readonly borrows?: boolean;
  /** The stream is there. */
  onOpen(): void;
  /** A chunk for the listeners; false when there are none, and the chunk is kept. */
  onData(chunk: Uint8Array): boolean;
  /** Whether there are listeners for chunks at the moment. */
  listening(): boolean;
  /** The peer has ended its side and everything before that was taken. */
  onEnd(): void;
  /** After a write that answered false, everything has gone out. */
  onDrain(): void;
  /** Nothing was read or written for as long as `setTimeout` says. */
  onTimeout(): void;
  /** The connection failed; `onClose(true)` follows. */
  onError(error: unknown): void;
  /** A write came after the connection had ended itself and closed: its bytes are lost. */
  onLateWrite(error: unknown): void;
  /** The last call, but for late writes. */
  onClose(hadError: boolean): void;
}

/** Whom the linger timeout cuts off although they are reading. */
export type CutReaders = "all" | "unless half open" | "none";

/** How a connection behaves. */
export interface ConnectionOptions extends LingerOptions {
  /** Bytes waiting to go out above which `write` answers false; also the most that is read ahead. */
  readonly highWaterMark: number;
  /** Bytes waiting to go out above which one more write fails the connection. */
  readonly maxBufferedAmount: number;
  /** Whom the linger timeout cuts off although they are reading. */
  readonly lingerCuts: CutReaders;
  /** Time in ms that a reader may stay away who took data, but not the peer's end. */
  readonly forgottenTimeout: number;
  /** Whether our side stays open when the peer ends its own. */
  readonly allowHalfOpen: boolean;
}
