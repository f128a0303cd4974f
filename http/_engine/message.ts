/** What readers of messages tell, and what a head says: shared by the two roles. @module */

import type { NetError } from "../../_core/errors.ts";
import type { Fields } from "./fields.ts";

/**
 * How long a message's content is (RFC 9112, section 6.3): none, as many bytes as Content-Length
 * says, chunks, or everything until the connection ends.
 */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/** The minor version: HTTP/1.0 or HTTP/1.1 (a higher minor number counts as 1). */
export type MinorVersion = 0 | 1;

/** A valid request head (RFC 9112, section 3). */
export interface RequestHead {
  /** The method, case-sensitive. */
  readonly method: string;
  /** The request target as sent (RFC 9112, section 3.2). */
  readonly target: string;
  /** Which of its four forms the target has. */
  readonly form: "origin" | "absolute" | "authority" | "asterisk";
  /** The minor version. */
  readonly minor: MinorVersion;
  /** The header fields. */
  readonly fields: Fields;
  /** The value of Host, valid (RFC 9110, section 7.2); null when HTTP/1.0 sent none. */
  readonly host: string | null;
  /** How long the content is. */
  readonly framing: Framing;
  /** Whether the connection may go on after this exchange (RFC 9112, section 9.3). */
  readonly keepAlive: boolean;
  /** Whether the client waits for 100 (Continue) (RFC 9110, section 10.1.1); never in HTTP/1.0. */
  readonly expectsContinue: boolean;
  /** The value of Upgrade, if Connection names it and this is HTTP/1.1; else null. */
  readonly upgrade: string | null;
}

/** A valid response head (RFC 9112, section 4). */
export interface ResponseHead {
  /** The status code, 100 to 999. */
  readonly status: number;
  /** The reason phrase, maybe empty. */
  readonly reason: string;
  /** The minor version. */
  readonly minor: MinorVersion;
  /** The header fields. */
  readonly fields: Fields;
  /** How long the content is. */
  readonly framing: Framing;
  /** Whether the connection may go on after this exchange; never behind content up to its close. */
  readonly keepAlive: boolean;
  /** The value of Upgrade, if Connection names it; else null. */
  readonly upgrade: string | null;
}

/**
 * What a reader tells about each message: head, body..., end; or, at any point, a violation, and
 * nothing after it. Calls come from within `receive()` and `receiveEnd()`.
 */
export interface MessageSink<Head> {
  /** A head is complete and valid. */
  onHead(head: Head): void;
  /** A part of the content, without framing; only valid during the call: copy what shall stay. */
  onBody(chunk: Uint8Array): void;
  /** The message is complete, with the trailer fields of chunked content, if any came. */
  onEnd(trailers: Fields | null): void;
  /** The peer broke the protocol or a limit: a ProtocolError with `status` for a server to answer. */
  onViolation(error: NetError): void;
}

/** What a reader accepts; numbers of bytes and lines, each finite. */
export interface ReaderLimits {
  /** Bytes of the start line; a request line that is longer is answered by 414. */
  readonly maxStartLine: number;
  /** Bytes of the start line and all header field lines together. */
  readonly maxHead: number;
  /** Header field lines. */
  readonly maxFields: number;
  /** Bytes of a message's content, without framing; Infinity for none. */
  readonly maxBody: number;
  /** Bytes of all chunk extensions of one message together. */
  readonly maxChunkExtensions: number;
  /** Bytes of the trailer section. */
  readonly maxTrailers: number;
}
