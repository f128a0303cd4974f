/** Taking the stream from below a socket, for another protocol to stand on. @module */

import { concat } from "../_core/bytes.ts";
import { netError } from "../_core/errors.ts";
import { partsOf } from "./socket_parts.ts";
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
