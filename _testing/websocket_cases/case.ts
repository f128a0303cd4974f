/** What a case of the WebSocket conformance suites is. The cases are data; runners play them. @module */

import { closing, frame, type FrameParts } from "./frames.ts";

/** A case for a server that echoes every message. */
export interface ServerCase {
  readonly name: string;
  /** Sec-WebSocket-Extensions of the request. */
  readonly offer?: string;
  /** Sec-WebSocket-Extensions of the answer; null for none. Not looked at when absent. */
  readonly answer?: string | null;
  /** Bytes to send, one write each. */
  readonly send: readonly Uint8Array[];
  /**
   * The frames that have to come, in words. When no close is among them, the runner closes with
   * 1000 and awaits the answer.
   */
  readonly expect: readonly string[];
  /** Sends it byte by byte and in every split too. */
  readonly splits?: boolean;
  /** Sends all of it in the segment of the handshake. */
  readonly early?: boolean;
  /** Limits of the server: messages of up to 1,000 bytes, of up to 4 fragments. */
  readonly limited?: boolean;
  /** The server begins each message anew. */
  readonly serverForgets?: boolean;
  /** The server's window, in bits. */
  readonly serverWindow?: number;
  /** The client ends right after it sent all. */
  readonly abrupt?: "end" | "reset";
  /** Sent once all of `expect` has come, one write each. */
  readonly then?: readonly Uint8Array[];
  /** What the server says of the end: a code, and a reason. That of the last close when absent. */
  readonly report?: string;
}

/** Text that is sent as a whole frame. */
export function text(payload: string | Uint8Array, more: Partial<FrameParts> = {}): Uint8Array {
  return frame({ opcode: 1, payload, ...more });
}

/** Bytes that are sent as a whole frame. */
export function binary(payload: Uint8Array, more: Partial<FrameParts> = {}): Uint8Array {
  return frame({ opcode: 2, payload, ...more });
}

/** A fragment that begins a text. */
export function begin(payload: string | Uint8Array, more: Partial<FrameParts> = {}): Uint8Array {
  return frame({ opcode: 1, fin: false, payload, ...more });
}

/** A fragment that goes on. */
export function more(payload: string | Uint8Array, parts: Partial<FrameParts> = {}): Uint8Array {
  return frame({ opcode: 0, fin: false, payload, ...parts });
}

/** The last fragment. */
export function last(payload: string | Uint8Array, parts: Partial<FrameParts> = {}): Uint8Array {
  return frame({ opcode: 0, payload, ...parts });
}

/** A ping. */
export function ping(payload: string | Uint8Array = "", parts: Partial<FrameParts> = {}) {
  return frame({ opcode: 9, payload, ...parts });
}

/** A close frame. */
export function close(code: number, reason: string | Uint8Array = ""): Uint8Array {
  return frame({ opcode: 8, payload: closing(code, reason) });
}

/** A case that is about to fail with a close code. */
export function fails(
  name: string,
  code: number,
  send: readonly Uint8Array[],
  parts: Partial<ServerCase> = {},
): ServerCase {
  return { name, send, expect: [`close ${code}`], report: "1006", ...parts };
}

/** A case whose messages come back. */
export function echoes(
  name: string,
  send: readonly Uint8Array[],
  expect: readonly string[],
  parts: Partial<ServerCase> = {},
): ServerCase {
  return { name, send, expect, ...parts };
}
