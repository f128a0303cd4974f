/** What a case for a client is. @module */

import { closing, frame, type FrameParts } from "./frames.ts";

/** How a client offers to compress. */
export interface ClientOffer {
  readonly serverNoContextTakeover?: boolean;
  readonly clientNoContextTakeover?: boolean;
  readonly serverMaxWindowBits?: number;
  readonly clientMaxWindowBits?: number;
}

/** A case for a client that echoes every message. */
export interface ClientCase {
  readonly name: string;
  /** Status line and fields of the answer; what is undefined is left out. */
  readonly line?: string;
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** All of the answer's head instead; `<accept>` stands for the right value. */
  readonly raw?: string;
  /** Sent before the head. */
  readonly before?: string;
  /** Sent after the answer's head, one write each. */
  readonly send?: readonly Uint8Array[];
  /** How many frames of the client have to come before that. */
  readonly after?: number;
  /** In one segment with the head; in every split otherwise. */
  readonly early?: boolean;
  readonly splits?: boolean;
  /** Byte by byte, the head too. */
  readonly bytewise?: boolean;
  /** The subprotocols to offer. */
  readonly protocols?: readonly string[];
  /** Whether to offer compression, and how. */
  readonly compression?: boolean | ClientOffer;
  /** What the client asks for by that. */
  readonly offer?: string;
  /** The client's window, in bits, and whether it keeps no memory of earlier messages. */
  readonly clientWindow?: number;
  readonly clientForgets?: boolean;
  /** Limits of the client: messages of up to 1,000 bytes, of up to 4 fragments. */
  readonly limited?: boolean;
  /** The client closes by this as soon as it is open. */
  readonly closes?: readonly [code: number, reason: string];
  /** The frames that have to come from the client. */
  readonly expect?: readonly string[];
  /** What the client says about the end: its code, or that of the error before it opened. */
  readonly end: number | string;
  /** The reason of the server's close frame. */
  readonly reason?: string;
  /** The server ends right after it sent all. */
  readonly abrupt?: "end" | "reset";
}

/** What a client says when all is over. */
export interface ClientEnd {
  /** The close code, or the code of what kept it from opening. */
  readonly end: number | string;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** A frame of a server. */
export function sent(
  opcode: number,
  payload: FrameParts["payload"] = "",
  parts: Partial<FrameParts> = {},
): Uint8Array {
  return frame({ opcode, payload, masked: false, ...parts });
}

/** The close frame of a server that has nothing to complain about. */
export const CLOSE: Uint8Array = sent(8, closing(1000));

/** The server sends this and closes; this comes back, and the answer to the close. */
export function echoes(
  name: string,
  send: readonly Uint8Array[],
  expect: readonly string[],
  parts: Partial<ClientCase> = {},
): ClientCase {
  return { name, send: [...send, CLOSE], expect: [...expect, "close 1000"], end: 1000, ...parts };
}

/** A case in which the client gives up by a close code. */
export function fails(
  name: string,
  code: number,
  send: readonly Uint8Array[],
  parts: Partial<ClientCase> = {},
): ClientCase {
  return { name, send, expect: [`close ${code}`], end: 1006, ...parts };
}

/** What the extension is called. */
export const PMD = "permessage-deflate";

/** A client that offers, and a server that answers by this. */
export function extension(value: string | readonly string[]): Partial<ClientCase> {
  return { compression: true, fields: { "Sec-WebSocket-Extensions": value } };
}
