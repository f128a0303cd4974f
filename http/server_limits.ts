/** Defaults of the HTTP server: every buffer, count and wait is finite. @module */

/** Bytes of a request line; RFC 9112, section 3 asks for 8,000 at least. */
export const MAX_REQUEST_LINE = 16 * 1024;

/** Bytes of a request's head: some cookies are long, and no honest head is longer. */
export const MAX_HEAD = 32 * 1024;

/** Header fields of a request, and trailer fields. */
export const MAX_FIELDS = 200;

/** Bytes of a request's content: large uploads stream through, and a disk has an end. */
export const MAX_BODY = 4 * 1024 * 1024 * 1024;

/** Bytes of all chunk extensions of a request: nobody uses them for anything but harm. */
export const MAX_CHUNK_EXTENSIONS = 16 * 1024;

/** Bytes of a request's trailer section. */
export const MAX_TRAILERS = 16 * 1024;

/** Bytes of requests that wait behind the one at work; more stay in the system's buffers. */
export const MAX_PIPELINED = 64 * 1024;

/** Bytes of content that nobody read which are dropped to keep a connection alive. */
export const MAX_UNREAD = 256 * 1024;

/** Connections at a time: more than a system gives descriptors for, unless it is told to. */
export const MAX_CONNECTIONS = 100_000;

/** Time in ms for a request's head, from its first byte, or from the client's connecting. */
export const HEAD_TIMEOUT = 15_000;

/** Time in ms without progress of a request's content. */
export const BODY_TIMEOUT = 30_000;

/** Time in ms that a connection may idle; above the 60 s of many proxies before a server. */
export const KEEP_ALIVE_TIMEOUT = 65_000;

/** Time in ms in which a client may take nothing of a response. */
export const RESPONSE_TIMEOUT = 60_000;

/** Time in ms after which a client that has ended its side has to show that it is still there. */
export const PRESENCE_TIMEOUT = 1_500;
/** Time in ms after which it is asked again: what it is sent once it is gone tells the next time. */
export const PRESENCE_AGAIN = 250;
/** Time in ms between further questions. */
export const PRESENCE_REPEAT = 15_000;

/** Silence in ms after our end before the connection is given up. */
export const LINGER_TIMEOUT = 2_000;

/** Bytes dropped after our end before the connection is given up. */
export const LINGER_BYTES = 8 * 1024 * 1024;

/** Bytes of a response that may wait to go out before its stream has to hold back. */
export const HIGH_WATER_MARK = 64 * 1024;
