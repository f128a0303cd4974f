/** What the engine of a server and its owner have to do with each other. @module */

import type { NetError } from "../../_core/errors.ts";
import type { Fields } from "./fields.ts";
import type { ReaderLimits, RequestHead } from "./message.ts";

/** What the engine tells and asks for. Calls come from within `receive()` and the `send` calls. */
export interface ServerEngineSink {
  /** Whether more may be written; if not, requests wait until `goOn()`. */
  readonly hasRoom: boolean;
  /** A request has begun; answer it by `respond()`, now or later. */
  onRequest(head: RequestHead): void;
  /** A part of the request's content, only valid during the call. */
  onContent(chunk: Uint8Array): void;
  /** The request is complete. */
  onRequestEnd(trailers: Fields | null): void;
  /** The client broke the protocol; `answers` tells whether the engine answers that next. */
  onViolation(error: NetError, answers: boolean): void;
  /** The exchange is over, and another request may come. */
  onIdle(): void;
  /** Too much waits behind the exchange at work: stop reading (true), or go on (false). */
  onHold(on: boolean): void;
  /**
   * Sends data; `ascii` says of a text that it holds nothing else, and `more` that another call
   * follows at once, whose data may leave with these.
   */
  write(data: Uint8Array | string, ascii?: boolean, more?: boolean): void;
  /** Sends bytes between two texts of ASCII letters. */
  writeFramed(before: string, data: Uint8Array, after: string): void;
  /** All is said: end our side once it has gone out; what still comes is dropped. */
  onOver(): void;
}

/** What a server accepts, and what it says about itself. */
export interface ServerEngineOptions extends ReaderLimits {
  /** Bytes of pipelined requests that are kept. */
  readonly maxPipelined: number;
  /** Bytes of content that nobody read which are dropped to keep the connection. */
  readonly maxUnread: number;
  /** The field lines of a response after which the connection goes on. */
  readonly keepAliveLines: string;
  /** The present time, as the value of Date (RFC 9110, section 6.6.1). */
  date(): string;
}

/** A response as the engine sends it. */
export interface ResponseMessage {
  /** The status, 200 to 599, or 101. */
  readonly status: number;
  /** The reason phrase; empty for the usual one. */
  readonly statusText: string;
  /** Header fields: name, value, name, value. */
  readonly headers: readonly string[];
}
