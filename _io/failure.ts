/** What a connection ended with. @module */

import { type NetError, netError } from "../_core/errors.ts";

/** Why reads or writes fail from now on. */
export interface Failure {
  /** The error. */
  readonly error: unknown;
}

/** The error of a call that comes after this side closed. */
export function closedError(syscall: string): NetError {
  return netError("ERR_SOCKET_CLOSED", `Cannot ${syscall}: the socket is closed`);
}

/** The error of a write after our own end. */
export function writeAfterEndError(): NetError {
  return netError("ERR_STREAM_WRITE_AFTER_END", "Cannot write after end()");
}

/** The error of a write after the connection ended itself because the peer had. */
export function peerEndedError(): NetError {
  const message = "Cannot write after the peer ended the connection";
  return netError("EPIPE", message, { syscall: "write" });
}

/** The error of a writer who does not heed back-pressure. */
export function bufferFullError(waiting: number): NetError {
  return netError("ERR_BUFFER_FULL", `Cannot write more while ${waiting} bytes wait to go out`);
}

/** The error of a read that waited for the peer's end in vain. */
export function lingeredError(): NetError {
  const message = "Cannot wait longer for the peer's end after our own";
  return netError("ETIMEDOUT", message, { syscall: "read" });
}

/** The error of bytes that the peer took no more of after our own end. */
export function stalledError(): NetError {
  const message = "Cannot wait longer for the peer to take what was written before our end";
  return netError("ETIMEDOUT", message, { syscall: "write" });
}

/** Most sockets close without anybody waiting: the error is made for those who do. */
export const CLOSED_TO_READS: Failure = {
  get error() {
    return closedError("read");
  },
};

/** The same for those who wrote. */
export const CLOSED_TO_WRITES: Failure = {
  get error() {
    return closedError("write");
  },
};
