/**
 * The last messages of a handshake, the server's tickets and the client's Finished, when they meet a
 * peer that has reset the connection. Node's engine drops the error, since no write of its user's
 * waits for it, and goes on taking those messages to be at work: what is written from then on waits
 * behind them and is never answered. The reset itself was told with that error, so that reading
 * tells of nothing worse than an end.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { systemClock } from "./clock.ts";

/** What is used of a handle; it is not public. */
interface Handle {
  /** Bytes that wait to be written. */
  readonly writeQueueSize: number;
  /** Bytes whose writing was begun. */
  readonly bytesWritten: number;
}

function handleOf(socket: Socket): Partial<Handle> {
  const { _handle: handle } = socket as Socket & { _handle?: Partial<Handle> | null };
  return handle ?? {};
}

/** How much went below, when something waits in the session and nothing is at work below; else null. */
function stoppedAt(session: TLSSocket, below: Socket): number | null {
  const { writeQueueSize: atWork, bytesWritten } = handleOf(below);
  if (atWork !== 0 || !handleOf(session).writeQueueSize) return null;
  return bytesWritten ?? null;
}

/** Acts when the last messages of a handshake that was done in this turn did not get out. */
export function whenFlightIsLost(session: TLSSocket, below: Socket, act: () => void): void {
  systemClock.defer(() => {
    const before = stoppedAt(session, below);
    if (before === null) return;
    // What was begun in this turn and is well is over in the next, or has gone on.
    systemClock.defer(() => stoppedAt(session, below) === before && act());
  });
}
