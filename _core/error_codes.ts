/**
 * The codes that the errors of this package carry: one table for who is at fault and what it means.
 * A code is the same string in Deno and in Node.
 *
 * @module
 */

/** What a row of {@linkcode ERROR_CODES} says. */
export interface ErrorCodeInfo {
  /** Who is at fault: the caller, the peer, or the system below. */
  readonly kind: "usage" | "protocol" | "transport";
  /** The language's own error class that the error is an instance of. */
  readonly base: "Error" | "TypeError" | "RangeError";
  /** One line for people; README lists it. */
  readonly meaning: string;
  /** The status by which an HTTP server answers it. */
  readonly status?: number;
  /** The code by which a WebSocket endpoint closes for it (RFC 6455, section 7.4). */
  readonly closeCode?: number;
}

const usage = (
  meaning: string,
  base: ErrorCodeInfo["base"] = "Error",
): ErrorCodeInfo => ({ kind: "usage", base, meaning });
const transport = (meaning: string): ErrorCodeInfo => ({
  kind: "transport",
  base: "Error",
  meaning,
});
const protocol = (
  meaning: string,
  extra: Pick<ErrorCodeInfo, "status" | "closeCode"> = {},
): ErrorCodeInfo => ({ kind: "protocol", base: "Error", meaning, ...extra });

/** Every code, those of the sockets first, then those of TLS, HTTP and WebSocket. */
export const ERROR_CODES = {
  ERR_INVALID_ARG_TYPE: usage("An argument has the wrong type", "TypeError"),
  ERR_INVALID_ARG_VALUE: usage("An argument has a value that cannot be used", "TypeError"),
  ERR_OUT_OF_RANGE: usage("A number is outside its allowed range", "RangeError"),
  ERR_SOCKET_BAD_PORT: usage("A port is not an integer from 0 to 65535", "RangeError"),
  ERR_INVALID_STATE: usage("The call does not fit what the object is doing, such as two readers"),
  ERR_SERVER_ALREADY_LISTEN: usage("listen() was called on a server that listens"),
  ERR_SERVER_NOT_RUNNING: usage("The server has not listened yet"),
  ERR_SOCKET_CLOSED: usage("The socket was closed by this side, so the call cannot be done"),
  ERR_SOCKET_NOT_BOUND: usage("The address was asked for before the socket was bound"),
  ERR_SOCKET_ALREADY_BOUND: usage("bind() was called on a socket that is bound"),
  ERR_SOCKET_DGRAM_IS_CONNECTED: usage("The call is for a UDP socket that is not connected"),
  ERR_SOCKET_DGRAM_NOT_CONNECTED: usage("The call is for a connected UDP socket"),
  ERR_STREAM_WRITE_AFTER_END: usage("write() was called after end()"),
  ERR_BUFFER_FULL: usage("More was written than may wait to go out; write() had answered false"),
  ERR_FEATURE_UNAVAILABLE: usage("This runtime cannot do what an option asks for"),
  ERR_ACCESS_DENIED: transport("A permission of the runtime is missing, such as --allow-net"),
  ECONNREFUSED: transport("Nobody listens at the address"),
  ECONNRESET: transport("The peer broke the connection off (RST)"),
  ECONNABORTED: transport("The connection was gone before it could be accepted"),
  EPIPE: transport("Written to a connection whose peer no longer receives"),
  ENOTCONN: transport("The socket is not connected"),
  EADDRINUSE: transport("Another socket has the address"),
  EADDRNOTAVAIL: transport("The address is not one of this machine"),
  EAFNOSUPPORT: transport("The address family cannot be used here"),
  EACCES: transport("The system refuses: low port, file rights, broadcast, or a prohibited route"),
  EPERM: transport("The system refuses the operation"),
  ENOENT: transport("The path of a Unix socket does not exist"),
  ENOTSOCK: transport("The path is not a socket"),
  ENAMETOOLONG: transport("The path of a Unix socket is longer than the system allows"),
  ENOTFOUND: transport("The host name does not exist or has no address"),
  EAI_AGAIN: transport("The name server did not answer or failed for now"),
  EAI_FAIL: transport("The name server failed for good"),
  ENETUNREACH: transport("There is no route to the network"),
  EHOSTUNREACH: transport("There is no route to the host"),
  ETIMEDOUT: transport("The peer did not answer in time"),
  EMSGSIZE: transport("The datagram is larger than the protocol allows"),
  EMFILE: transport("The process has no file descriptor left"),
  ENFILE: transport("The system has no file descriptor left"),
  ENOBUFS: transport("The system has no buffer space left"),
  ENOMEM: transport("The system has no memory left"),
  EAGAIN: transport("The system cannot take more for now, such as a full queue of connections"),
  EINVAL: transport("The system does not accept an argument"),
  ERR_SOCKET_UPGRADED: usage("The connection of the socket carries another protocol now"),
  ERR_TLS_INVALID_KEY: usage("A key or certificate cannot be read, or they do not belong together"),
  ERR_TLS_INVALID_CA: usage("A certificate of an authority cannot be read"),
  ERR_TLS_CERT_UNTRUSTED: transport("The peer's certificate is not from a trusted authority"),
  ERR_TLS_CERT_EXPIRED: transport("The peer's certificate is not valid at this time"),
  ERR_TLS_CERT_ALTNAME_INVALID: transport("The peer's certificate is for another name"),
  ERR_TLS_PROTOCOL_VERSION: transport("The two sides have no version of TLS in common"),
  ERR_TLS_NOT_TLS: transport("The peer does not speak TLS"),
  ERR_TLS_ALPN: transport("The two sides have no application protocol in common"),
  ERR_TLS_ALERT: transport("The TLS session failed: the peer refused it or broke the protocol"),
  ERR_TLS_HANDSHAKE_TIMEOUT: transport("The peer did not finish the TLS handshake in time"),
  ERR_TLS_TRUNCATED: transport("The connection ended without the TLS closing message"),
  ERR_HTTP_NOT_HTTP: protocol("The first bytes are no HTTP/1 message: TLS or HTTP/2, say", {
    status: 400,
  }),
  ERR_HTTP_INVALID_START_LINE: protocol("The first line of a message is malformed", {
    status: 400,
  }),
  ERR_HTTP_INVALID_TARGET: protocol("The target of a request is malformed", { status: 400 }),
  ERR_HTTP_VERSION: protocol("The major version of a message is not 1", { status: 505 }),
  ERR_HTTP_INVALID_FIELD: protocol("A header or trailer field is malformed", { status: 400 }),
  ERR_HTTP_INVALID_HOST: protocol("Host is missing, malformed or there more than once", {
    status: 400,
  }),
  ERR_HTTP_INVALID_FRAMING: protocol(
    "Content-Length or Transfer-Encoding is malformed or doubtful",
    {
      status: 400,
    },
  ),
  ERR_HTTP_TRANSFER_CODING: protocol("A transfer coding other than chunked was used", {
    status: 501,
  }),
  ERR_HTTP_INVALID_CHUNK: protocol("The chunks of a body are malformed", { status: 400 }),
  ERR_HTTP_METHOD_TOO_LONG: protocol("The method is longer than any that there is", {
    status: 501,
  }),
  ERR_HTTP_START_LINE_TOO_LONG: protocol("The first line is longer than the limit", {
    status: 414,
  }),
  ERR_HTTP_HEAD_TOO_LARGE: protocol("Header or trailer fields are more or longer than the limit", {
    status: 431,
  }),
  ERR_HTTP_BODY_TOO_LARGE: protocol("The content is longer than the limit", { status: 413 }),
  ERR_HTTP_INCOMPLETE: protocol("The connection ended within a message", { status: 400 }),
  ERR_HTTP_HEAD_TIMEOUT: protocol("The head of a message did not come in time", { status: 408 }),
  ERR_HTTP_BODY_TIMEOUT: protocol("The content of a message made no progress in time", {
    status: 408,
  }),
  ERR_HTTP_EXPECTATION: protocol("Expect asks for something other than 100-continue", {
    status: 417,
  }),
  ERR_HTTP_RESPONSE_STALLED: protocol("The client took nothing of a response in time"),
  ERR_HTTP_INVALID_HEADER: usage(
    "A header to send has a name or value that is not allowed",
    "TypeError",
  ),
  ERR_HTTP_INVALID_METHOD: usage("A method to send is not allowed", "TypeError"),
  ERR_HTTP_INVALID_STATUS: usage("A status or its reason phrase is not allowed", "RangeError"),
  ERR_HTTP_BODY_USED: usage("The body was read before, or is being read", "TypeError"),
  ERR_HTTP_BODY_LENGTH: usage("A body to send has another length than its Content-Length"),
  ERR_HTTP_RESPONDED: usage("The request has been answered before"),
  ERR_HTTP_UPGRADE: usage("The connection cannot be handed over for this request"),
  ERR_HTTP_NO_RESPONSE: transport("The server closed the connection without an answer"),
  ERR_HTTP_QUEUE_FULL: usage("More requests wait for a connection than the limit"),
  ERR_HTTP_QUEUE_TIMEOUT: transport("No connection was free for a request in time"),
  ERR_HTTP_REQUEST_TIMEOUT: transport("A request with its response took longer than allowed"),
  ERR_HTTP_CLIENT_CLOSED: usage("The client was closed"),
  ERR_HTTP_REDIRECT: protocol("The server redirects where the client cannot or may not follow"),
  ERR_HTTP_TOO_MANY_REDIRECTS: protocol("The server redirects more often than the limit"),
  ERR_HTTP_TOO_MANY_INFORMATIONAL: protocol("More 1xx responses came than the limit"),
  ERR_HTTP_UNEXPECTED_UPGRADE: protocol("The server switched to a protocol nobody asked for"),
  ERR_HTTP_CONTENT_CODING: protocol("Content is not in the coding that it claims, or is cut off"),
  ERR_HTTP_DECODED_TOO_LARGE: protocol("Content expands to more than the limit"),
  ERR_HTTP_PROXY_REFUSED: transport("The proxy did not connect to the server"),
  ERR_WS_INVALID_FRAME: protocol("A WebSocket frame breaks the framing rules", {
    closeCode: 1002,
  }),
  ERR_WS_FRAGMENTATION: protocol("The fragments of WebSocket messages are out of order", {
    closeCode: 1002,
  }),
  ERR_WS_INVALID_CLOSE: protocol("A WebSocket close frame is malformed or has a reserved code", {
    closeCode: 1002,
  }),
  ERR_WS_INVALID_UTF8: protocol("A WebSocket text or close reason is not UTF-8", {
    closeCode: 1007,
  }),
  ERR_WS_INVALID_DEFLATE: protocol("A compressed WebSocket message cannot be inflated", {
    closeCode: 1007,
  }),
  ERR_WS_MESSAGE_TOO_LARGE: protocol("A WebSocket frame or message is larger than the limit", {
    closeCode: 1009,
  }),
  ERR_WS_TOO_MANY_FRAGMENTS: protocol("A WebSocket message has more fragments than the limit", {
    closeCode: 1009,
  }),
  ERR_WS_BAD_REQUEST: protocol("A request does not open a WebSocket as RFC 6455 says", {
    status: 400,
  }),
  ERR_WS_BAD_RESPONSE: protocol("The answer to a WebSocket handshake is not what it has to be"),
  ERR_WS_REFUSED: protocol("The server answered a WebSocket handshake by another status"),
  ERR_WS_HANDSHAKE_TIMEOUT: transport("The WebSocket handshake was not done in time"),
  ERR_WS_PING_TIMEOUT: transport("The peer did not answer a WebSocket ping in time"),
  ERR_WS_ABNORMAL_CLOSE: transport("The connection ended without a WebSocket close frame"),
  ERR_WS_INVALID_CLOSE_CODE: usage("A close code or reason cannot be sent", "RangeError"),
  UNKNOWN: transport("The runtime reported a failure without a known code"),
} as const satisfies Record<string, ErrorCodeInfo>;

/** A code of {@linkcode ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
