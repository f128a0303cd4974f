/**
 * The web-stream faces of a connection. Our own on both runtimes: Deno's `conn.readable` closes
 * the whole connection at the end of either side, Node's `Duplex.toWeb` hangs when half open.
 * Here the end of one stream never closes the other.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { closedError } from "./failure.ts";

/**
 * A stream of the chunks that come in; it claims the connection's reading for good. `closed` tells
 * of a failure while nobody asks for a chunk.
 */
export function createReadable(
  connection: Connection,
  closed: Promise<void>,
): ReadableStream<Uint8Array> {
  const { reads } = connection;
  reads.claim("readable");
  connection.keepHalfOpen();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      closed.catch((error) => controller.error(error));
    },
    async pull(controller) {
      const chunk = await reads.pull();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    // The peer may still send: that goes nowhere, and our own side is untouched.
    cancel: () => reads.drop(),
  }, { highWaterMark: 0 });
}

/**
 * A stream whose chunks go out; a string is written as UTF-8. `closed` tells of a failure while
 * nothing is written.
 */
export function createWritable(
  connection: Connection,
  closed: Promise<void>,
  highWaterMark: number,
): WritableStream<Uint8Array | string> {
  connection.keepHalfOpen();
  return new WritableStream<Uint8Array | string>({
    start(controller) {
      // Of no effect on a stream that was closed before.
      closed.then(() => controller.error(closedError("write")), (error) => controller.error(error));
    },
    write(chunk) {
      if (connection.write(chunk)) return;
      return connection.flush();
    },
    async close() {
      connection.end();
      await connection.finished();
    },
    abort: (reason) => connection.destroy(reason),
  }, { highWaterMark, size: lengthOf });
}

/** Text counts a byte a letter: this is for back-pressure, not for framing. */
function lengthOf(chunk: Uint8Array | string | undefined): number {
  return chunk?.length ?? 0;
}
