/** The server of the http module. @module */

import type { SocketAddress } from "../_core/address.ts";
import { Deferred } from "../_core/deferred.ts";
import { EventEmitter, throwLater } from "../_core/emitter.ts";
import { type NetError, netError } from "../_core/errors.ts";
import { type ServerPlaces, withTaker } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { type CloseOptions, type DropInfo, type ListenTarget, TcpServer } from "../tcp/mod.ts";
import type { TcpSocket } from "../tcp/mod.ts";
import { type Identity, TlsServer } from "../tls/mod.ts";
import type { RequestHead } from "./_engine/message.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { MAX_CONNECTIONS } from "./server_limits.ts";
import { endAddress, type HttpServerOptions, readServerOptions } from "./server_options.ts";
import type { ServerSettings } from "./server_options.ts";
import type { EndAddress, RequestInfo } from "./request_info.ts";
import { Response } from "./response.ts";
import { ServerConnection } from "./server_connection.ts";
import { type ServerContext, targetUrl } from "./server_context.ts";

/** Answers requests: the shape of `Deno.serve`'s handler and of a Hono app's `fetch`. */
export type Handler = (
  request: Request,
  info: RequestInfo,
) => globalThis.Response | Promise<globalThis.Response>;

/** Answers a request that came by an event; once, or it throws `ERR_HTTP_RESPONDED`. */
export type RespondWith = (
  response: globalThis.Response | Promise<globalThis.Response>,
) => void;

/** The events of an {@linkcode HttpServer}, with the arguments of their listeners. */
export interface HttpServerEvents {
  /** The server listens. */
  listening: [];
  /** A client has connected; `remote` is its address. */
  connection: [remote: EndAddress | undefined];
  /** A request has come. It is the listener's to answer if the server has no handler. */
  request: [request: Request, respondWith: RespondWith, info: RequestInfo];
  /**
   * As `request`, and in its place, for a client that waits for 100 (Continue): reading the body
   * sends it, answering without that refuses the content.
   */
  checkContinue: [request: Request, respondWith: RespondWith, info: RequestInfo];
  /** A client asks for another protocol; the connection is the listener's, with what came of it. */
  upgrade: [request: Request, socket: TcpSocket, early: Uint8Array];
  /**
   * A client asks for a tunnel (CONNECT) to the host and port of `request.url`, where no port is 80;
   * likewise. The listener answers by bytes, such as `HTTP/1.1 200 OK` and an empty line.
   */
  connect: [request: Request, socket: TcpSocket, early: Uint8Array];
  /**
   * A client broke the protocol or let its time go by; it was answered and let go. Also what a
   * socket that `upgrade` gave out failed with, if its user does not listen to that.
   */
  clientError: [error: Error, remote: EndAddress | undefined];
  /** A client was let go before it could ask. */
  drop: [info: DropInfo];
  /** The server has closed, and so have its connections. */
  close: [];
  /** The server could not listen. */
  error: [error: Error];
}

/** Whether somebody learns of it when a server cannot listen. */
export let isObserved: (server: HttpServer) => boolean;

/**
 * An HTTP server; see {@linkcode serve} and {@linkcode createServer}. HTTP/1.1 and 1.0 (RFC 9110,
 * RFC 9112), strict in what it accepts, with limits and timeouts for everything.
 *
 * Events: `listening`, `connection`..., `request`..., `close`.
 *
 * @example
 * ```ts
 * import { fetch, HttpServer, Response } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer({ timeouts: { head: 5_000 } });
 * server.on("request", (request, respondWith) => {
 *   respondWith(new Response(`You asked for ${new URL(request.url).pathname}`));
 * });
 * const { port } = await server.listen({ port: 0, hostname: "127.0.0.1" });
 * const response = await fetch(`http://127.0.0.1:${port}/page`);
 * assertEquals(await response.text(), "You asked for /page");
 * await server.shutdown();
 * ```
 */
export class HttpServer extends EventEmitter<HttpServerEvents> implements AsyncDisposable {
  readonly #server: TcpServer;
  readonly #settings: ServerSettings;
  readonly #onError: ((error: unknown) => Answer) | undefined;
  readonly #context: ServerContext;
  readonly #handler: Handler | null;
  readonly #opened = new Deferred<EndAddress>();
  readonly #finished = new Deferred<void>();
  #observed = false;

  static {
    isObserved = (server) => server.#observed || server.listenerCount("error") > 0;
  }

  /** Makes a server that does not listen yet. Throws a RangeError (`ERR_OUT_OF_RANGE`). */
  constructor(options: HttpServerOptions = {}, handler?: Handler) {
    super();
    this.#settings = readServerOptions(options);
    this.#onError = options.onError;
    this.#handler = handler ?? null;
    this.#server = this.#makeServer(options);
    this.#context = {
      settings: this.#settings,
      timers: sharedTimers,
      secure: options.tls !== undefined,
      dispatch: (exchange) => this.#dispatch(exchange),
      onError: (error) => this.#answerError(error),
      report: (error) => this.#report(error),
      onClientError: (error, { stream }) => this.#clientError(error, stream.remoteAddress),
      urlOf: (head: RequestHead, stream) => targetUrl(head, options.tls !== undefined, stream),
    };
  }

  /** Where the server listens, or did. Throws a UsageError (`ERR_SERVER_NOT_RUNNING`) before. */
  get addr(): EndAddress {
    return endAddress(this.#server.address);
  }

  /** Where the server listens, or did; the same as `addr`, by the name that other servers use. */
  get address(): EndAddress {
    return this.addr;
  }

  /** Whether it listens. */
  get listening(): boolean {
    return this.#server.listening;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#server.connections;
  }

  /** Resolves with the address once the server listens; rejects with what prevented that. */
  get opened(): Promise<EndAddress> {
    this.#observed = true;
    return this.#opened.promise;
  }

  /** Resolves when the server has closed and its connections too; rejects if it never listened. */
  get finished(): Promise<void> {
    this.#observed = true;
    return this.#finished.promise;
  }

  /**
   * Starts to listen. Resolves with the address after `listening`; rejects as `TcpServer.listen()`
   * and `TlsServer.listen()` do, with an `error` event for those who listen to it.
   */
  async listen(target: ListenTarget): Promise<EndAddress> {
    try {
      await this.#server.listen(target);
    } catch (error) {
      this.#opened.reject(error);
      this.#finished.reject(error);
      if (this.listenerCount("error") > 0) this.#emit("error", error);
      throw error;
    }
    this.#emit("listening");
    this.#opened.resolve(this.addr);
    return this.addr;
  }

  /**
   * Stops accepting, closes idle connections at once, finishes the exchanges at work with
   * `Connection: close`, and resolves when all is closed. With `timeout`, what is left after that
   * many ms is cut off.
   */
  async shutdown(options: CloseOptions = {}): Promise<void> {
    await this.#server.close(options);
  }

  /** Stops accepting and cuts all connections at once. Resolves when all is closed. */
  async close(): Promise<void> {
    await this.#server.close({ timeout: 0 });
  }

  /**
   * Changes the certificate of an HTTPS server for handshakes to come. Throws
   * `ERR_TLS_INVALID_KEY`, and a UsageError (`ERR_INVALID_STATE`) on a server without TLS.
   */
  setSecureContext(identity: Identity): void {
    if (!(this.#server instanceof TlsServer)) {
      throw netError("ERR_INVALID_STATE", "Cannot set a certificate: the server has no TLS");
    }
    this.#server.setSecureContext(identity);
  }

  /** Lets the server hold the process, the default. */
  ref(): this {
    this.#server.ref();
    return this;
  }

  /** Lets the process end although the server listens. */
  unref(): this {
    this.#server.unref();
    return this;
  }

  /** Shuts the server down, as `shutdown()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #makeServer(options: HttpServerOptions): TcpServer {
    const base = { maxConnections: options.limits?.connections ?? MAX_CONNECTIONS };
    const take = (stream: ByteStream, places: ServerPlaces) => this.#take(stream, places);
    const server = options.tls === undefined ? new TcpServer(withTaker(base, take)) : new TlsServer(
      withTaker({ alpnProtocols: ["http/1.1", "http/1.0"], ...options.tls, ...base }, take),
    );
    server.on("drop", (info) => this.#emit("drop", info));
    server.on("clientError", (error, socket) => this.#clientError(error, socket.remoteAddress));
    server.on("close", () => {
      this.#finished.resolve();
      this.#emit("close");
    });
    if (server instanceof TlsServer) {
      server.on("tlsClientError", (error, remote) => this.#clientError(error, remote));
    }
    return server;
  }

  #take(stream: ByteStream, places: ServerPlaces): ServerConnection {
    if (this.listenerCount("connection") > 0) {
      const { remoteAddress } = stream;
      this.#emit("connection", remoteAddress === undefined ? undefined : endAddress(remoteAddress));
    }
    return new ServerConnection(this.#context, stream, places);
  }

  #dispatch(exchange: Exchange): void {
    const { head } = exchange;
    if (head.form === "absolute" && !this.#isServed(head.target)) {
      return exchange.respondWith(new Response("Misdirected Request\n", { status: 421 }));
    }
    if (head.upgrade !== null && this.listenerCount("upgrade") > 0) {
      return this.#giveAway("upgrade", exchange);
    }
    if (head.method === "CONNECT") {
      if (this.listenerCount("connect") > 0) return this.#giveAway("connect", exchange);
      // What the client meant for the tunnel is no request.
      const headers = { connection: "close" };
      return exchange.respondWith(new Response("Not Implemented\n", { status: 501, headers }));
    }
    if (head.expectsContinue && this.listenerCount("checkContinue") > 0) {
      return this.#ask("checkContinue", exchange);
    }
    const listens = this.listenerCount("request") > 0;
    if (listens) this.#ask("request", exchange);
    if (this.#handler !== null && !exchange.answered) return this.#handle(this.#handler, exchange);
    if (!listens) exchange.respondWith(new Response("Not Found\n", { status: 404 }));
  }

  /** Resources of https are not to be had without TLS (RFC 9110, section 7.4), others not at all. */
  #isServed(target: string): boolean {
    const [scheme] = target.toLowerCase().split(":", 1);
    return scheme === "http" || (scheme === "https" && this.#context.secure);
  }

  #handle(handler: Handler, exchange: Exchange): void {
    let answer: Answer;
    try {
      answer = handler(exchange.request, exchange.info);
    } catch (error) {
      return exchange.failed(error);
    }
    exchange.respondWith(answer);
  }

  #ask(event: "request" | "checkContinue", exchange: Exchange): void {
    const respondWith: RespondWith = (response) => exchange.respondWith(response);
    try {
      this.emit(event, exchange.request, respondWith, exchange.info);
    } catch (error) {
      exchange.failed(error);
    }
  }

  #giveAway(event: "upgrade" | "connect", exchange: Exchange): void {
    exchange.giveAway((socket, early) => this.#emit(event, exchange.request, socket, early));
  }

  #answerError(error: unknown): Answer {
    if (this.#onError !== undefined) return this.#onError(error);
    this.#report(error);
    return new Response("Internal Server Error\n", { status: 500 });
  }

  /** Where nobody else would ever hear of a failure of the program's own. */
  #report(error: unknown): void {
    console.error(error);
  }

  #clientError(error: Error | NetError, remote: SocketAddress | undefined): void {
    this.#emit("clientError", error, remote === undefined ? undefined : endAddress(remote));
  }

  #emit(name: string, ...args: unknown[]): void {
    try {
      (this.emit as (name: string, ...args: unknown[]) => boolean)(name, ...args);
    } catch (error) {
      throwLater(error);
    }
  }
}

/**
 * Makes a server in the style of events; `listen()` starts it. With a handler it answers requests
 * by it; without, `request` listeners answer. Throws a RangeError (`ERR_OUT_OF_RANGE`).
 *
 * @example
 * ```ts
 * import { createServer, fetch, Response } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer(() => new Response("Hello"));
 * server.on("clientError", (error) => console.log("A client went wrong:", error.message));
 * const { port } = await server.listen({ port: 0, hostname: "127.0.0.1" });
 * assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Hello");
 * await server.shutdown();
 * ```
 */
export function createServer(handler?: Handler): HttpServer;
/** Makes a server with options; see above. */
export function createServer(options: HttpServerOptions, handler?: Handler): HttpServer;
export function createServer(
  first?: HttpServerOptions | Handler,
  second?: Handler,
): HttpServer {
  if (typeof first === "function") return new HttpServer({}, first);
  return new HttpServer(first ?? {}, second);
}
