/**
 * The errors of this package. Who is at fault shows in the class, what happened in `code`:
 *
 * - {@linkcode UsageError}: the caller (a wrong argument, a call in the wrong state);
 * - {@linkcode ProtocolError}: the peer broke the protocol;
 * - {@linkcode TransportError}: the system (refused, reset, timed out, no such name).
 *
 * An aborted wait is none of them: it rejects with the signal's own reason.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode, type ErrorCodeInfo } from "./error_codes.ts";
import { hasOwn } from "./has_own.ts";

/** What an error may carry besides its code and message. */
export interface NetErrorOptions {
  /** The error that the runtime gave. */
  cause?: unknown;
  /** The system's error number, negative as libuv writes it. */
  errno?: number | undefined;
  /** The system call or step that failed: `connect`, `listen`, `read`, `write`, `getaddrinfo`. */
  syscall?: string | undefined;
  /** The IP address or the Unix path at fault. */
  address?: string | undefined;
  /** The port at fault. */
  port?: number | undefined;
  /** The host name at fault. */
  hostname?: string | undefined;
  /** The failures of the single attempts where several addresses were tried. */
  errors?: readonly Error[] | undefined;
  /** The status by which an HTTP server answers the failure, if not the code's own. */
  status?: number | undefined;
  /** The code by which a WebSocket endpoint closes for the failure, if not the code's own. */
  closeCode?: number | undefined;
}

type Kind = ErrorCodeInfo["kind"];

/**
 * Marks the errors of every copy of this package with their kind, so that `instanceof` holds when
 * an application loads the ESM and the CommonJS build side by side, and for the usage errors that
 * are also a RangeError or a TypeError.
 */
const KIND: unique symbol = Symbol.for("@netstd/net.error_kind") as never;

function kindOf(value: unknown): Kind | "net" | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as { [KIND]?: Kind | "net" })[KIND];
}

/** Sets only what is there: an absent field shall not print as `undefined`. */
function assignFields(error: Error, code: string, options: NetErrorOptions): void {
  const { cause: _, ...fields } = options;
  Object.assign(error, { code });
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) Object.assign(error, { [name]: value });
  }
}

const causeOf = ({ cause }: NetErrorOptions) => cause === undefined ? undefined : { cause };

/**
 * Any error of this package. Match on `code`: it is the same in Deno and in Node.
 *
 * @example
 * ```ts
 * import { connect, NetError } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * try {
 *   await connect({ hostname: "127.0.0.1", port: 1 }).opened;
 * } catch (error) {
 *   if (!(error instanceof NetError)) throw error;
 *   assertEquals(error.code, "ECONNREFUSED");
 * }
 * ```
 */
export class NetError extends Error {
  /** The stable code, such as `ECONNREFUSED` or `ERR_INVALID_STATE`. */
  declare readonly code: string;
  /** The system's error number, negative as libuv writes it. */
  declare readonly errno?: number;
  /** The system call or step that failed. */
  declare readonly syscall?: string;
  /** The IP address or the Unix path at fault. */
  declare readonly address?: string;
  /** The port at fault. */
  declare readonly port?: number;
  /** The host name at fault. */
  declare readonly hostname?: string;
  /** The failures of the single attempts where several addresses were tried. */
  declare readonly errors?: readonly Error[];
  /** The status by which an HTTP server answers the failure. */
  declare readonly status?: number;
  /** The code by which a WebSocket endpoint closes for the failure. */
  declare readonly closeCode?: number;

  /** Makes an error with a code, a message, and what else is known of the failure. */
  constructor(code: string, message: string, options: NetErrorOptions = {}) {
    super(message, causeOf(options));
    this.name = new.target.name;
    assignFields(this, code, options);
  }

  static {
    mark(this, "net");
  }

  /** True for every error of this package, from whichever of its builds it comes. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const own = hasOwn(this, KIND) ? kindOf(this.prototype) : undefined;
    // A class derived elsewhere has no mark of its own: the language's rule applies.
    if (own === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    const kind = kindOf(value);
    return kind !== undefined && (own === "net" || own === kind);
  }
}

function mark(constructor: { prototype: object }, kind: Kind | "net"): void {
  Object.defineProperty(constructor.prototype, KIND, { value: kind });
  Object.defineProperty(constructor, KIND, { value: kind });
}

/**
 * The caller is at fault: a wrong argument or a call in the wrong state. Wrong arguments are a
 * `TypeError` or a `RangeError` as well.
 *
 * @example
 * ```ts
 * import { connect, UsageError } from "@netstd/net/tcp";
 * import { assert, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => connect(70_000), RangeError);
 * assert(error instanceof UsageError);
 * ```
 */
export class UsageError extends NetError {
  static {
    mark(this, "usage");
  }
}

/**
 * The peer is at fault: it broke the protocol.
 *
 * @example
 * ```ts
 * import { NetError, ProtocolError } from "@netstd/net/tcp";
 * import { assert } from "@std/assert";
 *
 * const error = new ProtocolError("ERR_MY_PROTOCOL", "Cannot read the greeting");
 * assert(error instanceof NetError);
 * ```
 */
export class ProtocolError extends NetError {
  static {
    mark(this, "protocol");
  }
}

/**
 * The system is at fault: the network, the other machine, the operating system.
 *
 * @example
 * ```ts
 * import { connect, TransportError } from "@netstd/net/tcp";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const socket = connect({ path: "/no/such/path.sock" });
 * const error = await assertRejects(() => socket.opened, TransportError);
 * assertEquals(error.code, "ENOENT");
 * ```
 */
export class TransportError extends NetError {
  static {
    mark(this, "transport");
  }
}

class UsageTypeError extends TypeError {
  static {
    mark(this, "usage");
  }
}

class UsageRangeError extends RangeError {
  static {
    mark(this, "usage");
  }
}

const ARGUMENT_ERRORS = { TypeError: UsageTypeError, RangeError: UsageRangeError } as const;

/** Makes the error that belongs to a code of the table. */
export function netError(
  code: ErrorCode,
  message: string,
  options: NetErrorOptions = {},
): NetError {
  const { kind, base, status, closeCode }: ErrorCodeInfo = ERROR_CODES[code];
  if (kind === "transport") return new TransportError(code, message, options);
  if (kind === "protocol") {
    return new ProtocolError(code, message, { status, closeCode, ...options });
  }
  if (base === "Error") return new UsageError(code, message, options);
  const error = new ARGUMENT_ERRORS[base](message, causeOf(options));
  assignFields(error, code, options);
  // It has every member of NetError, and `instanceof NetError` holds by the mark above.
  return error as Error as NetError;
}
