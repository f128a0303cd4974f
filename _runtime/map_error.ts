/**
 * The runtimes' errors as ours: one table. Both name system failures by the same codes, mostly;
 * where one has no code, the text tells.
 *
 * @module
 */

import { formatHostPort } from "../_core/address.ts";
import { ERROR_CODES, type ErrorCode } from "../_core/error_codes.ts";
import { hasOwn } from "../_core/has_own.ts";
import { NetError, netError, type NetErrorOptions } from "../_core/errors.ts";

/** The numbers that libuv gives on Linux; elsewhere the runtime's own number is used, if any. */
const ERRNO: Partial<Record<ErrorCode, number>> = {
  EPERM: -1,
  ENOENT: -2,
  EAGAIN: -11,
  ENOMEM: -12,
  EACCES: -13,
  EINVAL: -22,
  ENFILE: -23,
  EMFILE: -24,
  EPIPE: -32,
  ENAMETOOLONG: -36,
  ENOTSOCK: -88,
  EMSGSIZE: -90,
  EAFNOSUPPORT: -97,
  EADDRINUSE: -98,
  EADDRNOTAVAIL: -99,
  ENETUNREACH: -101,
  ECONNABORTED: -103,
  ECONNRESET: -104,
  ENOBUFS: -105,
  ENOTCONN: -107,
  ETIMEDOUT: -110,
  ECONNREFUSED: -111,
  EHOSTUNREACH: -113,
  EAI_AGAIN: -3001,
  EAI_FAIL: -3004,
  ENOTFOUND: -3008,
};

/** Codes that say the same as one of ours. */
const SAME: Record<string, ErrorCode> = {
  EAI_NONAME: "ENOTFOUND",
  EAI_NODATA: "ENOTFOUND",
  ENODATA: "ENOTFOUND",
  EAI_MEMORY: "EAI_FAIL",
  ECANCELED: "ECONNABORTED",
  // An interface that is not there, or not one for the socket's family; Deno says no more of it.
  ENODEV: "EINVAL",
  ENOPROTOOPT: "EINVAL",
  // Bun gives the descriptor of a Unix socket up when its peer is gone, and writes to none then.
  EBADF: "EPIPE",
};

/** What Deno's errors without a code say (the resolver's texts are those of the C library). */
const TEXTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /Name or service not known|No address associated|nodename nor servname|No such host/i,
    "ENOTFOUND",
  ],
  [/Resource temporarily unavailable/i, "EAGAIN"],
  [/Temporary failure in name resolution/i, "EAI_AGAIN"],
  [/failed to lookup address information/i, "EAI_FAIL"],
  [/longer than|shorter than SUN_LEN/i, "ENAMETOOLONG"],
];

/** What was being done when it failed. */
export interface Attempt {
  /** The system call or step. */
  readonly syscall: string;
  /** The IP address or path. */
  readonly address?: string | undefined;
  /** The port. */
  readonly port?: number | undefined;
  /** The name. */
  readonly hostname?: string | undefined;
}

function codeOf(error: unknown): ErrorCode {
  if (typeof error !== "object" || error === null) return "UNKNOWN";
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  if (name === "NotCapable") return "ERR_ACCESS_DENIED";
  if (typeof code === "string") {
    if (hasOwn(SAME, code)) return SAME[code]!;
    if (hasOwn(ERROR_CODES, code)) return code as ErrorCode;
  }
  const text = String(message);
  for (const [pattern, meaning] of TEXTS) if (pattern.test(text)) return meaning;
  return "UNKNOWN";
}

const VERBS: Record<string, string> = {
  connect: "Cannot connect to",
  listen: "Cannot listen on",
  read: "Cannot read from",
  write: "Cannot write to",
  getaddrinfo: "Cannot resolve",
  accept: "Cannot accept on",
  bind: "Cannot bind to",
  send: "Cannot send to",
  addMembership: "Cannot join",
  dropMembership: "Cannot leave",
};

function describe(attempt: Attempt): string {
  const { syscall, address, port, hostname } = attempt;
  const verb = VERBS[syscall] ?? `Cannot ${syscall}`;
  const host = hostname ?? address ?? "the socket";
  if (port === undefined) return `${verb} ${host}`;
  return `${verb} ${formatHostPort(host, port)}`;
}

/** Makes our error of what a runtime threw; an error of ours stays as it is. */
export function mapError(error: unknown, attempt: Attempt): NetError {
  if (error instanceof NetError) return error;
  const code = codeOf(error);
  const fallback = (error as { errno?: unknown } | null)?.errno;
  const options: NetErrorOptions = {
    cause: error,
    errno: ERRNO[code] ?? (typeof fallback === "number" ? fallback : undefined),
    syscall: code.startsWith("EAI_") || code === "ENOTFOUND" ? "getaddrinfo" : attempt.syscall,
    address: attempt.address,
    port: attempt.port,
    hostname: attempt.hostname,
  };
  const detail = code === "UNKNOWN"
    ? String((error as { message?: unknown } | null)?.message ?? error)
    : ERROR_CODES[code].meaning;
  const mapped = netError(code, `${describe(attempt)}: ${detail} (${code})`, options);
  if (code === "ERR_ACCESS_DENIED") mapped.name = "NotCapable";
  return mapped;
}

/** Makes an error of a system code that we report ourselves, in the system's shape. */
export function systemError(code: ErrorCode, attempt: Attempt): NetError {
  const meaning = ERROR_CODES[code].meaning;
  return netError(code, `${describe(attempt)}: ${meaning} (${code})`, {
    ...attempt,
    errno: ERRNO[code],
  });
}
