/** The client's side of the opening handshake. @module */

import { checkSignal } from "../_core/abort.ts";
import { checkNumber } from "../_core/check_number.ts";
import { NetError, netError } from "../_core/errors.ts";
import { takeOver } from "../_io/take_over.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { randomBase64, sha1 } from "../_runtime/hash.ts";
import { HttpClient, type HttpClientOptions } from "../http/mod.ts";
import { offerOf } from "./_engine/extension.ts";
import { isToken } from "./_engine/grammar.ts";
import { checkResponse, type ClientWishes, VERSION } from "./_engine/handshake.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import * as limits from "./limits.ts";
import type { Link } from "./link.ts";
import { extraFields, type Settings, settingsOf, type WebSocketOptions } from "./options.ts";

/** How to connect. */
export interface WebSocketConnectOptions extends WebSocketOptions {
  /** The subprotocols to offer, the best first; the server has to choose one of them. */
  protocols?: string | readonly string[];
  /** Fields for the request, such as `Authorization`, `Cookie` or `Origin`. */
  headers?: NonNullable<RequestInit["headers"]>;
  /** Ends the attempt with the signal's reason; an open connection is not touched. */
  signal?: AbortSignal;
  /** Time in ms for everything up to the server's answer. Default 30,000. */
  handshakeTimeout?: number;
  /**
   * The client that connects, or the options of one: certificates for `wss:`, a proxy, the path of
   * a Unix socket. Default one that all connections share.
   */
  client?: HttpClient | HttpClientOptions;
}

let shared: HttpClient | null = null;

/** The URL of the handshake: `ws:` is `http:`, and there is no fragment (RFC 6455, section 3). */
function handshakeUrl(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : null;
  if (url === null || !/^(?:ws|http)s?:$/.test(url.protocol)) {
    throw netError("ERR_INVALID_ARG_VALUE", `Cannot connect to ${String(given)}: it is no ws URL`);
  }
  // The setter does not change between these kinds of protocol.
  const http = new URL(url.href.replace(/^ws/, "http"));
  http.hash = "";
  return http;
}

function offeredProtocols({ protocols = [] }: WebSocketConnectOptions): readonly string[] {
  const list = typeof protocols === "string" ? [protocols] : protocols;
  for (const [index, protocol] of list.entries()) {
    if (!isToken(protocol) || list.indexOf(protocol) < index) {
      const message = `Cannot offer the subprotocol ${JSON.stringify(protocol)}: ` +
        "it is no token, or there twice";
      throw netError("ERR_INVALID_ARG_VALUE", message);
    }
  }
  return list;
}

/**
 * Connects to a WebSocket server (RFC 6455, section 4.1). Gives the connection at once: `open` or
 * `opened` tell that it is there, and what is sent before waits for that.
 *
 * It fails with what connecting fails with, such as `ECONNREFUSED` or `ERR_TLS_CERT_UNTRUSTED`;
 * `ERR_WS_REFUSED`, with `status`, when the server answers by another status than 101;
 * `ERR_WS_BAD_RESPONSE` when its answer is not what it has to be, or what HTTP says of it, such as
 * `ERR_HTTP_INVALID_FIELD`; `ERR_HTTP_NO_RESPONSE` when the connection ends before the answer,
 * `ERR_HTTP_INCOMPLETE` within it; `ERR_WS_HANDSHAKE_TIMEOUT`; or the signal's reason.
 *
 * Throws a TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_HTTP_INVALID_HEADER`) for a URL, subprotocol or
 * field that cannot be, a RangeError (`ERR_OUT_OF_RANGE`) for a number.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   connection.on("message", (data) => connection.send(`You said ${data}`));
 * });
 * const { port } = await server.opened;
 *
 * const connection = connect(`ws://127.0.0.1:${port}/`);
 * connection.on("open", () => connection.send("Hello"));
 * connection.on("message", (data) => {
 *   assertEquals(data, "You said Hello");
 *   connection.close();
 * });
 * await connection.closed;
 * ```
 */
export function connect(
  url: string | URL,
  options: WebSocketConnectOptions = {},
): WebSocketConnection {
  checkSignal(options.signal);
  const settings = settingsOf(options);
  const connection = new WebSocketConnection(
    "client",
    { [prepared]: settings } as WebSocketOptions,
  );
  const attempt = new Attempt(linkOf(connection), handshakeUrl(url), options, settings);
  attempt.start(options);
  return connection;
}

/** One attempt to connect. */
class Attempt {
  readonly #link: Link;
  readonly #url: URL;
  readonly #wishes: ClientWishes;
  readonly #headers: Headers;
  readonly #timeout: number;
  readonly #stop = new AbortController();

  constructor(link: Link, url: URL, options: WebSocketConnectOptions, { deflate }: Settings) {
    this.#link = link;
    const { handshakeTimeout } = options;
    const { HANDSHAKE_TIMEOUT } = limits;
    this.#timeout = checkNumber("handshakeTimeout", handshakeTimeout, HANDSHAKE_TIMEOUT);
    this.#url = url;
    const protocols = offeredProtocols(options);
    this.#wishes = { key: randomBase64(16), protocols, deflate };
    this.#headers = extraFields(options.headers);
    this.#headers.set("sec-websocket-version", VERSION);
    this.#headers.set("sec-websocket-key", this.#wishes.key);
    if (protocols.length > 0) this.#headers.set("sec-websocket-protocol", protocols.join(", "));
    if (deflate !== null) this.#headers.set("sec-websocket-extensions", offerOf(deflate));
  }

  /** Shakes hands, within the time and until the signal aborts. */
  async start(options: WebSocketConnectOptions): Promise<void> {
    const { signal } = options;
    const time = this.#timeout;
    const onAbort = () => this.#link.destroy(signal!.reason);
    const timer = sharedTimers.timeout(time, () => {
      const message = `Cannot wait longer for the handshake: ${time} ms are over`;
      this.#link.destroy(netError("ERR_WS_HANDSHAKE_TIMEOUT", message));
    });
    this.#link.abandon = () => this.#stop.abort();
    if (time !== Infinity) timer.start();
    signal?.addEventListener("abort", onAbort);
    try {
      // Whoever called listens from the next moment on.
      await null;
      signal?.throwIfAborted();
      await this.#shakeHands(options.client);
    } catch (error) {
      this.#link.refuse(error);
    } finally {
      timer.stop();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #shakeHands(client: HttpClient | HttpClientOptions | undefined): Promise<void> {
    if (client instanceof HttpClient) return await this.#shakeHandsBy(client);
    if (client === undefined) return await this.#shakeHandsBy(shared ??= new HttpClient());
    const own = new HttpClient({ ...client, keepAlive: false });
    try {
      await this.#shakeHandsBy(own);
    } finally {
      await own.close({ timeout: 0 });
    }
  }

  async #shakeHandsBy(client: HttpClient): Promise<void> {
    const { response, socket } = await client.upgrade(this.#url, {
      protocol: "websocket",
      headers: this.#headers,
      signal: this.#stop.signal,
    }).catch((error) => {
      throw asBadResponse(error);
    });
    if (socket === null) {
      const { status } = response;
      await response.body?.cancel();
      const message = `Cannot open a WebSocket: the server answered ${status} instead of 101`;
      throw netError("ERR_WS_REFUSED", message, { status });
    }
    const field = (name: string) => response.headers.get(name);
    const agreed = checkResponse(response.status, field, this.#wishes, sha1);
    if (typeof agreed === "string") {
      socket.destroy();
      throw netError("ERR_WS_BAD_RESPONSE", `Cannot accept the server's answer: ${agreed}`);
    }
    await takeOver(socket, (taken) => this.#link.open(taken, agreed));
  }
}

/** A switch to something else than was asked for is a bad answer here (RFC 6455, section 4.1). */
function asBadResponse(error: unknown): unknown {
  if (!(error instanceof NetError) || error.code !== "ERR_HTTP_UNEXPECTED_UPGRADE") return error;
  const message = "Cannot accept the server's answer: it switches to another protocol";
  return netError("ERR_WS_BAD_RESPONSE", message, { cause: error });
}
