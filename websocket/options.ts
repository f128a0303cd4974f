/** The options of WebSocket connections, checked and filled in. @module */

import { checkInteger, checkNumber } from "../_core/check_number.ts";
import { netError } from "../_core/errors.ts";
import type { ConnectionOptions } from "../_io/connection_owner.ts";
import type { TimerQueue } from "../_io/timers.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type { DeflateWishes } from "./_engine/extension.ts";
import type { MessageLimits } from "./_engine/message_assembler.ts";
import type { DeflateEffort } from "./deflate.ts";
import * as limits from "./limits.ts";

/** How messages are compressed: permessage-deflate of RFC 7692. */
export interface CompressionOptions {
  /** Messages of fewer bytes go out as they are. Default 1,024. */
  threshold?: number;
  /** Messages of more bytes do so too: deflating stops the process meanwhile. Default 1 MiB. */
  maxSize?: number;
  /** From 1, the fastest, to 9, the smallest. Default 6. */
  level?: number;
  /** From 1 to 9: how much memory a deflater has, 256 KiB with the default of 8. */
  memoryLevel?: number;
  /** The server deflates each message by itself: less memory, larger messages. Default false. */
  serverNoContextTakeover?: boolean;
  /** The client does so. Default false. */
  clientNoContextTakeover?: boolean;
  /** The server's window, 2 to the power of 8 to 15. Default 15. */
  serverMaxWindowBits?: number;
  /** The client's window, likewise. Default 15. */
  clientMaxWindowBits?: number;
}

/** How a connection finds out that its peer is gone. */
export interface HeartbeatOptions {
  /** Silence in ms after which a ping asks. Default 30,000. */
  interval?: number;
  /**
   * Time in ms that the peer has to show a sign of life then, be it to take some of what waits.
   * Default 20,000.
   */
  timeout?: number;
}

/** How a WebSocket connection behaves, at either end. */
export interface WebSocketOptions {
  /** Whether messages are compressed if the peer can, and how. Default true. */
  compression?: boolean | CompressionOptions;
  /** Bytes of a message that comes in, inflated; beyond it closes with 1009. Default 16 MiB. */
  maxMessageSize?: number;
  /** Bytes of a frame as it comes in. Default `maxMessageSize`, and an eighth more if deflated. */
  maxFrameSize?: number;
  /** Frames of a message that comes in. Default 131,072. */
  maxFragments?: number;
  /** Bytes waiting above which `send()` answers false, and of unread messages. Default 64 KiB. */
  highWaterMark?: number;
  /** Bytes waiting to go out above which one more message fails the connection. Default 64 MiB. */
  maxBufferedAmount?: number;
  /** Pings of ours that may wait for their answer. Default 64. */
  maxPendingPings?: number;
  /** Answers to pings behind other bytes that wait; of more, only the last follows. Default 64. */
  maxPendingPongs?: number;
  /**
   * Time in ms that the peer has to answer a close, and then to end; anew as long as it takes what
   * waits before the close. Default 5,000.
   */
  closeTimeout?: number;
  /** Whether to ask a silent peer if it is there, and when. Default true. */
  heartbeat?: boolean | HeartbeatOptions;
  /** Time in ms without a message either way before it closes with 1001. Default none. */
  idleTimeout?: number;
}

/** What all connections of one server or client share. */
export interface Settings extends MessageLimits {
  /** How to compress; null for not at all. */
  readonly deflate: DeflateWishes | null;
  /** How hard to compress. */
  readonly effort: DeflateEffort;
  /** Messages of fewer bytes are not deflated. */
  readonly threshold: number;
  /** Messages of more bytes are not deflated. */
  readonly maxDeflateSize: number;
  /** See `WebSocketOptions`. */
  readonly highWaterMark: number;
  /** See `WebSocketOptions`. */
  readonly maxPendingPings: number;
  /** See `WebSocketOptions`. */
  readonly maxPendingPongs: number;
  /** See `WebSocketOptions`. */
  readonly closeTimeout: number;
  /** Silence in ms before a ping; Infinity for no heartbeat. */
  readonly heartbeatInterval: number;
  /** See `HeartbeatOptions`. */
  readonly heartbeatTimeout: number;
  /** See `WebSocketOptions`; Infinity for none. */
  readonly idleTimeout: number;
  /** How the connection below behaves. */
  readonly connection: ConnectionOptions;
  /** Where timeouts come from. */
  readonly timers: TimerQueue;
}

const WINDOW_BITS = [8, 15] as const;
const LEVELS = [1, 9] as const;

function wishesOf(options: CompressionOptions): DeflateWishes {
  const { serverMaxWindowBits = 15, clientMaxWindowBits = 15 } = options;
  return {
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover ?? false,
    serverMaxWindowBits: checkInteger("serverMaxWindowBits", serverMaxWindowBits, WINDOW_BITS),
    clientMaxWindowBits: checkInteger("clientMaxWindowBits", clientMaxWindowBits, WINDOW_BITS),
  };
}

function compressionOf(options: WebSocketOptions) {
  const { compression = true } = options;
  const given = typeof compression === "object" ? compression : {};
  const { DEFLATE_LEVEL, DEFLATE_MEMORY_LEVEL, DEFLATE_THRESHOLD, MAX_DEFLATE_SIZE } = limits;
  return {
    deflate: compression === false ? null : wishesOf(given),
    effort: {
      level: checkInteger("level", given.level ?? DEFLATE_LEVEL, LEVELS),
      memoryLevel: checkInteger("memoryLevel", given.memoryLevel ?? DEFLATE_MEMORY_LEVEL, LEVELS),
    },
    threshold: checkNumber("threshold", given.threshold, DEFLATE_THRESHOLD),
    maxDeflateSize: checkNumber("maxSize", given.maxSize, MAX_DEFLATE_SIZE),
  };
}

function heartbeatOf({ heartbeat = true }: WebSocketOptions) {
  const { interval, timeout } = typeof heartbeat === "object" ? heartbeat : {};
  const checked = checkNumber("interval", interval, limits.HEARTBEAT_INTERVAL, [1, Infinity]);
  return {
    heartbeatInterval: heartbeat === false ? Infinity : checked,
    heartbeatTimeout: checkNumber("timeout", timeout, limits.HEARTBEAT_TIMEOUT, [1, Infinity]),
  };
}

/**
 * Reads a caller's fields for a handshake. Throws a TypeError (`ERR_HTTP_INVALID_HEADER`) for one that
 * the handshake writes itself: it would say two things.
 */
export function extraFields(given: RequestInit["headers"]): Headers {
  const fields = new Headers(given);
  for (const name of fields.keys()) {
    if (!name.startsWith("sec-websocket-")) continue;
    throw netError("ERR_HTTP_INVALID_HEADER", `Cannot add ${name} to a handshake: it is its own`);
  }
  return fields;
}

/** The most that a message has when deflating made it larger: what cannot be compressed has heads. */
function deflatedSize(size: number): number {
  return size + size / 8 + limits.DEFLATE_OVERHEAD;
}

/**
 * Checks options and fills in the defaults. Throws a RangeError (`ERR_OUT_OF_RANGE`) for a number
 * that cannot be.
 */
export function settingsOf(
  options: WebSocketOptions = {},
  timers: TimerQueue = sharedTimers,
): Settings {
  const { MAX_MESSAGE_SIZE, MAX_BUFFERED_AMOUNT, CLOSE_TIMEOUT, HIGH_WATER_MARK } = limits;
  const maxMessageSize = checkNumber("maxMessageSize", options.maxMessageSize, MAX_MESSAGE_SIZE);
  const closeTimeout = checkNumber("closeTimeout", options.closeTimeout, CLOSE_TIMEOUT);
  const highWaterMark = checkNumber("highWaterMark", options.highWaterMark, HIGH_WATER_MARK);
  const { maxBufferedAmount: most } = options;
  return {
    ...compressionOf(options),
    ...heartbeatOf(options),
    maxMessageSize,
    maxFrameSize: checkNumber("maxFrameSize", options.maxFrameSize, deflatedSize(maxMessageSize)),
    maxFragments: checkNumber("maxFragments", options.maxFragments, limits.MAX_FRAGMENTS, [
      1,
      Infinity,
    ]),
    highWaterMark,
    maxPendingPings: checkNumber(
      "maxPendingPings",
      options.maxPendingPings,
      limits.MAX_PENDING_PINGS,
    ),
    maxPendingPongs: checkNumber(
      "maxPendingPongs",
      options.maxPendingPongs,
      limits.MAX_PENDING_PONGS,
    ),
    closeTimeout,
    idleTimeout: checkNumber("idleTimeout", options.idleTimeout, Infinity),
    connection: {
      highWaterMark,
      maxBufferedAmount: checkNumber("maxBufferedAmount", most, MAX_BUFFERED_AMOUNT),
      // The engine decides about our end.
      allowHalfOpen: true,
      lingerCuts: "all",
      forgottenTimeout: Infinity,
      lingerTimeout: closeTimeout,
      stallTimeout: closeTimeout,
      lingerBytes: limits.MAX_MESSAGE_SIZE,
      timers,
    },
    timers,
  };
}
