/**
 * The TLS engines' errors as ours: one small set for OpenSSL, whose names change with its version,
 * for what Deno makes of it in `node:tls`, and for the texts of Deno's own TLS.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode } from "../_core/error_codes.ts";
import { NetError, netError } from "../_core/errors.ts";
import { type Attempt, mapError } from "./map_error.ts";

/** Looked for in the code and the text, the first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/NO_APPLICATION_PROTOCOL|NoApplicationProtocol|support any known protocol/i, "ERR_TLS_ALPN"],
  [
    /(ALERT_|alert |alert: )PROTOCOL.?VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_(LOW|HIGH)/i,
    "ERR_TLS_PROTOCOL_VERSION",
  ],
  [
    /NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_SSL_VERSION|peer is incompatible: \w*(Tls1|Version)/i,
    "ERR_TLS_PROTOCOL_VERSION",
  ],
  // Deno gives the name of an alert to all that fails where a certificate is chosen by name.
  [/InvalidContentType/i, "ERR_TLS_NOT_TLS"],
  // An alert is the peer's word on what we sent; what follows is our word on the peer's.
  [/_ALERT_|fatal alert|alert number/i, "ERR_TLS_ALERT"],
  [
    /ALTNAME_INVALID|HOSTNAME_MISMATCH|not valid for name|NotValidForName/i,
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate expired|not valid yet/i,
    "ERR_TLS_CERT_EXPIRED",
  ],
  [/WRONG_VERSION_NUMBER|HTTPS?_(PROXY_)?REQUEST/i, "ERR_TLS_NOT_TLS"],
  [/PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE|RECORD_LAYER_FAILURE/i, "ERR_TLS_NOT_TLS"],
  [/SELF_SIGNED|UNABLE_TO_|UnknownIssuer|invalid peer certificate/i, "ERR_TLS_CERT_UNTRUSTED"],
  [/CERT_(UNTRUSTED|REVOKED|REJECTED|CHAIN_TOO_LONG|SIGNATURE_FAILURE)/i, "ERR_TLS_CERT_UNTRUSTED"],
  [/INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|AKID_|SUBJECT_ISSUER/i, "ERR_TLS_CERT_UNTRUSTED"],
  [/^ERR_(SSL|OSSL|CRYPTO)_|SSL routines|corrupt message|cannot decrypt/i, "ERR_TLS_ALERT"],
];

function meaningOf(text: string): ErrorCode | undefined {
  return MEANINGS.find(([pattern]) => pattern.test(text))?.[1];
}

/** One of our TLS errors. */
export function tlsError(code: ErrorCode, attempt: Attempt, cause?: unknown): NetError {
  const { address, port } = attempt;
  const message = `Cannot speak TLS with ${address ?? "the peer"}: ${ERROR_CODES[code].meaning}`;
  return netError(code, message, { address, port, syscall: attempt.syscall, cause });
}

/** Makes our error of what an engine threw; errors of the connection below go by its own table. */
export function mapTlsError(error: unknown, attempt: Attempt): NetError {
  if (error instanceof NetError) return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  // The connection's own failures, the commonest, are in no text.
  if (code === "ECONNRESET" || code === "EPIPE") return mapError(error, attempt);
  const meaning = meaningOf(`${String(code)} ${String(message)}`);
  return meaning === undefined ? mapError(error, attempt) : tlsError(meaning, attempt, error);
}

/** The error for what an engine says of a certificate: a code, or an error with one. */
export function certificateError(reason: unknown, attempt: Attempt): NetError {
  const cause = typeof reason === "string"
    ? Object.assign(new Error(reason), { code: reason })
    : reason;
  const mapped = mapTlsError(cause, attempt);
  return mapped.code.startsWith("ERR_TLS_CERT")
    ? mapped
    : tlsError("ERR_TLS_CERT_UNTRUSTED", attempt, cause);
}
