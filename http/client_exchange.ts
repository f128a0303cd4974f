/** What a client's connection carries, and who keeps it. @module */

import type { ByteStream } from "../_io/stream.ts";
import type { TimerQueue } from "../_io/timers.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";
import type { Fields } from "./_engine/fields.ts";
import type { ResponseHead } from "./_engine/message.ts";
import type { OutgoingContent } from "./client_body.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { ClientSettings } from "./client_options.ts";

/** One request on its way, to the connection that carries it. */
export interface ClientExchange {
  /** The request. */
  readonly message: RequestMessage;
  /** Its content; null without. */
  readonly content: OutgoingContent | null;
  /** Whether nobody has begun to read the response's content. */
  readonly unread: boolean;
  /** A connection carries it. */
  carriedBy(connection: ClientConnection): void;
  /** An interim response. */
  onInformational(head: ResponseHead): void;
  /** The response has begun. */
  onResponse(head: ResponseHead): void;
  /** A part of its content, only valid during the call. */
  onContent(chunk: Uint8Array): void;
  /** It is complete, and nothing more is told. */
  onResponseEnd(trailers: Fields | null): void;
  /** It failed, and nothing more is told; `untouched` when the server may not have seen it. */
  onFailure(error: unknown, untouched: boolean): void;
  /** The connection is another protocol's now. */
  onSwitch(head: ResponseHead, early: Uint8Array, stream: ByteStream): void;
}

/** Who keeps connections. */
export interface ConnectionKeeper {
  readonly settings: ClientSettings;
  readonly timers: TimerQueue;
  /** The connection is free for another exchange. */
  onFree(connection: ClientConnection): void;
  /** It is of no use any more; its descriptor may still be open. */
  onGone(connection: ClientConnection): void;
  /** Its descriptor is released, or somebody else's. */
  onReleased(connection: ClientConnection): void;
}
