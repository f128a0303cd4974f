/** Defaults of the tcp module: every wait and every buffer is finite. @module */

/** Bytes waiting to go out above which `write()` answers false; the same on both runtimes. */
export const HIGH_WATER_MARK = 64 * 1024;

/**
 * Bytes waiting to go out above which one more write fails the socket: a writer who never heeds
 * `false` shall cost its own connection, not the process.
 */
export const MAX_BUFFERED_AMOUNT = 1024 * 1024 * 1024;

/** Time in ms to connect, names and all addresses included: the kernel alone would take minutes. */
export const CONNECT_TIMEOUT = 30_000;

/** Head start in ms of one address before the next is tried (RFC 8305, section 8 recommends it). */
export const ATTEMPT_DELAY = 250;

/** Silence in ms after our end before the connection is given up: a peer that is there has closed. */
export const LINGER_TIMEOUT = 5_000;

/** Time in ms without progress of what was written before our end: a slow peer is no dead one. */
export const STALL_TIMEOUT = 60_000;

/**
 * Time in ms that a reader may stay away who pulled data, but not the peer's end, before our side
 * ends: answering may take long, but for ever is a leak.
 */
export const FORGOTTEN_TIMEOUT = 10 * 60_000;

/** Bytes dropped after our end before the connection is given up: more than both kernels hold. */
export const LINGER_BYTES = 8 * 1024 * 1024;

/** Connections that the system holds before they are accepted; Node's and Deno's default. */
export const BACKLOG = 511;

/** Accepted sockets that wait for an iteration to take them. */
export const ACCEPTED_WAITING = 511;

/** Silence in ms before the first keep-alive probe: below the five minutes of many middleboxes. */
export const KEEP_ALIVE_DELAY = 60_000;

/** Bytes of the path of a Unix socket, its closing zero not counted (Linux; 103 elsewhere). */
export const UNIX_PATH_BYTES = 107;
