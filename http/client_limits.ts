/** Defaults of the HTTP client: every buffer, count and wait is finite. @module */

/** Time in ms to connect; that of the tcp module. */
export const CONNECT_TIMEOUT = 30_000;

/** Time in ms for a TLS handshake; that of the tls module. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Connections to one origin: enough to keep a server busy, few enough not to look like an attack. */
export const MAX_SOCKETS = 256;

/** Connections of one client: below the 1,024 descriptors that many systems allow a process. */
export const MAX_TOTAL_SOCKETS = 768;

/** Requests that wait for a connection of one client; more fail at once. */
export const MAX_QUEUED = 100_000;

/** Time in ms that a request may wait for a connection, its opening included. */
export const QUEUE_TIMEOUT = 60_000;

/** Time in ms that a connection idles before it is closed, unless the server says less. */
export const KEEP_ALIVE_TIMEOUT = 30_000;

/** The most that a server's Keep-Alive hint can make of it, in ms. */
export const KEEP_ALIVE_MOST = 600_000;

/** Time in ms by which we are earlier than the server's hint: its close may be on its way. */
export const KEEP_ALIVE_MARGIN = 1_000;

/**
 * Time in ms after which an idle connection is looked at once more before it is used: while the
 * program was busy the server may have ended it, or sent what would pass for the next response.
 */
export const LOOK_AGAIN = 10;

/** Time in ms from the end of a request to the head of its response: some servers think long. */
export const HEAD_TIMEOUT = 300_000;

/** Time in ms without progress of content, either way. */
export const BODY_TIMEOUT = 300_000;

/** Time in ms to wait for 100 (Continue) before the content is sent all the same. */
export const CONTINUE_TIMEOUT = 1_000;

/** Bytes of a status line; the reason phrase is most of it. */
export const MAX_STATUS_LINE = 8 * 1024;

/** Bytes of a response's head: some set many cookies. */
export const MAX_HEAD = 64 * 1024;

/** Header fields of a response, and trailer fields. */
export const MAX_FIELDS = 500;

/** Bytes of all chunk extensions of a response. */
export const MAX_CHUNK_EXTENSIONS = 16 * 1024;

/** Bytes of a response's trailer section. */
export const MAX_TRAILERS = 16 * 1024;

/** Interim responses (1xx) before the final one: some servers tell of their progress by them. */
export const MAX_INFORMATIONAL = 100;

/** Redirects followed for one request; browsers agree on 20. */
export const MAX_REDIRECTS = 20;

/** Decoded bytes for each coded one: beyond it only a bomb goes, once it is above the next. */
export const MAX_EXPANSION = 200;

/** Decoded bytes that any expansion may reach: some honest content is all zeros. */
export const EXPANSION_FREE = 64 * 1024 * 1024;

/** Codings of one response, one over the other: each costs memory, and more than one is odd. */
export const MAX_CODINGS = 4;

/** Bytes of content nobody wants (a redirect's, say) that are read to keep a connection. */
export const MAX_UNREAD = 64 * 1024;

/** Bytes of a request's streamed content that wait to go out before its source has to hold back. */
export const HIGH_WATER_MARK = 64 * 1024;
