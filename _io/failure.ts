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
