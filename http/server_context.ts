/** What the connections and exchanges of one HTTP server share. @module */

import type { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import type { TimerQueue } from "../_io/timers.ts";
import type { RequestHead } from "./_engine/message.ts";
import type { Exchange } from "./exchange.ts";
import type { ServerSettings } from "./options.ts";
import type { ServerConnection } from "./server_connection.ts";

/** The server, to its connections. */
export interface ServerContext {
  readonly settings: ServerSettings;
  readonly timers: TimerQueue;
  /** Whether the connections are encrypted. */
  readonly secure: boolean;
  /** Has a request answered. */
  dispatch(exchange: Exchange): void;
  /** Answers in place of a handler that failed. */
  onError(error: unknown): Response | Promise<Response>;
  /** Tells of an error that no response can tell of any more. */
  report(error: unknown): void;
  /** A client broke the protocol, or its time was over. */
  onClientError(error: NetError, connection: ServerConnection): void;
  /** The URL of a request. */
  urlOf(head: RequestHead, stream: ByteStream): string;
}

/** The URL of a request (RFC 9112, section 3.3). */
export function targetUrl(head: RequestHead, secure: boolean, stream: ByteStream): string {
  const scheme = secure ? "https" : "http";
  switch (head.form) {
    case "absolute":
      return head.target;
    case "authority":
      return `${scheme}://${head.target}/`;
    case "asterisk":
      return `${scheme}://${authorityOf(head, stream)}/*`;
    case "origin":
      return `${scheme}://${authorityOf(head, stream)}${head.target}`;
  }
}

/** Host, or where the client connected to when it did not say. */
function authorityOf(head: RequestHead, stream: ByteStream): string {
  if (head.host !== null && head.host !== "") return head.host;
  const address = stream.localAddress;
  if (address?.transport !== "tcp") return "localhost";
  return `${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
}
