/** Taking the stream from below a socket or HTTP, for another protocol to stand on. @module */

import { concat } from "../_core/bytes.ts";
import { netError } from "../_core/errors.ts";
import { type Occupant, partsOf, type ServerPlaces } from "./socket_parts.ts";
import type { ByteStream } from "./stream.ts";

/** What a socket gave up. */
export interface Taken {
  /** Its stream, which still tells the socket until somebody else is attached. */
  readonly stream: ByteStream;
  /** What was read of it, and by nobody. */
  readonly early: Uint8Array;
  /** Whether the peer has ended its side; the stream will not say so again. */
  readonly ended: boolean;
}

/** Who gets a connection that leaves HTTP. */
export interface Successor {
  /** Whether it wants the connection no more. */
  readonly destroyed: boolean;
  /** Who has the connection's place at the server then. */
  readonly occupant: Occupant;
  /** The connection is there: whoever gets it attaches itself before this returns. */
  take(taken: Taken, places: ServerPlaces): void;
  /** It will not come, because of this error if there is one. */
  destroy(error?: unknown): void;
}

// Of the global registry, as those of `socket_parts.ts`.
const GIVE: unique symbol = Symbol.for("@netstd/net.give_connection") as never;

/** Lets `giveTo()` find who gives the connections of a class's upgrades. */
export function provideGiving<Upgrade extends object>(
  prototype: Upgrade,
  give: (upgrade: Upgrade, successor: Successor) => void,
): void {
  Object.defineProperty(prototype, GIVE, {
    value(this: Upgrade, successor: Successor) {
      give(this, successor);
    },
  });
}

/** Has an upgrade give its connection to somebody, and to no socket. */
export function giveTo(upgrade: object, successor: Successor): void {
  (upgrade as { [GIVE](successor: Successor): void })[GIVE](successor);
}

/**
 * Takes the stream from an open socket once all that was written has gone out, and passes it on at
 * once: `next` has to attach itself before it returns. The socket closes without an error, and a
 * read that waits is rejected with `ERR_SOCKET_UPGRADED`.
 */
export async function takeOver<T>(socket: object, next: (taken: Taken) => T): Promise<T> {
  const { connection } = partsOf(socket);
  const { reads } = connection;
  reads.pause();
  const message = "Cannot read: the connection carries another protocol now";
  reads.abortPending(netError("ERR_SOCKET_UPGRADED", message));
  while (connection.bufferedAmount > 0) await connection.flush();
  const chunks: Uint8Array[] = [];
  while (reads.size > 0) chunks.push((await reads.pull())!);
  const { stream, failure } = connection;
  if (failure !== null) throw failure.error;
  if (stream === null || connection.destroyed) {
    throw netError("ERR_SOCKET_CLOSED", "Cannot take the connection over: the socket is closed");
  }
  // Nothing may come between the two owners from here on.
  stream.pause();
  const result = next({ stream, early: concat(chunks), ended: connection.peerEnded });
  // To the socket the stream is gone.
  connection.onClose(null);
  connection.destroy();
  return result;
}
