/** Defaults of the websocket module: every message, queue and wait is finite. @module */

/** Bytes of a message, inflated: more than a page ever sends, and no process is lost to one. */
export const MAX_MESSAGE_SIZE = 16 * 1024 * 1024;

/** Frames of a message: 4 MiB in pieces of 64 bytes still pass. */
export const MAX_FRAGMENTS = 128 * 1024;

/** Bytes of unread messages above which the peer meets back-pressure, as with sockets. */
export const HIGH_WATER_MARK = 64 * 1024;

/** What a waiting message costs besides its bytes: a peer may send empty ones. */
export const MESSAGE_OVERHEAD = 64;

/** Bytes waiting to go out above which one more message fails the connection. */
export const MAX_BUFFERED_AMOUNT = 64 * 1024 * 1024;

/** Pings of ours that may wait for their pongs. */
export const MAX_PENDING_PINGS = 64;

/** Answers to pings that go out although the peer takes nothing: 8 KiB at most. */
export const MAX_PENDING_PONGS = 64;

/** Time in ms for the handshake of a client, connecting included. */
export const HANDSHAKE_TIMEOUT = 30_000;

/** Time in ms that the peer has to answer a close, and then to end the connection. */
export const CLOSE_TIMEOUT = 5_000;

/** Silence in ms after which we ask whether the peer is there: below the minute of many proxies. */
export const HEARTBEAT_INTERVAL = 30_000;

/** Time in ms that the peer has to show a sign of life then. */
export const HEARTBEAT_TIMEOUT = 20_000;

/** Messages of fewer bytes are not deflated: it would cost time, and save less than one packet. */
export const DEFLATE_THRESHOLD = 1024;

/** Messages of more bytes are not deflated: the process does nothing else meanwhile. */
export const MAX_DEFLATE_SIZE = 1024 * 1024;

/** Bytes that deflating may add to the shortest message. */
export const DEFLATE_OVERHEAD = 64;

/** zlib's own default, a fair trade of time for size. */
export const DEFLATE_LEVEL = 6;

/** zlib's own default: 256 KiB for a deflater with the largest window. */
export const DEFLATE_MEMORY_LEVEL = 8;

/** Deflaters and inflaters that wait to be used again, of each kind. */
export const POOLED_CODECS = 8;

/** Bytes waiting to go out for one receiver of a topic, above which the policy decides. */
export const MAX_TOPIC_BACKLOG = 1024 * 1024;

/** The first wait in ms before a client connects anew, and the longest. */
export const RECONNECT_MIN_DELAY = 500;

/** See above. */
export const RECONNECT_MAX_DELAY = 30_000;
