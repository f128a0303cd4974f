/** The HTTP client. @module */

import { checkSignal, untilAborted } from "../_core/abort.ts";
import { checkNumber } from "../_core/check_number.ts";
import { netError } from "../_core/errors.ts";
import type { TimerQueue } from "../_io/timers.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import {
  type OutgoingContent,
  readContent,
  type RequestBody,
  withTrailers,
} from "./client_body.ts";
import {
  type CallHost,
  type CallOptions,
  ClientCall,
  type Informational,
  type Outcome,
} from "./client_call.ts";
import {
  checkRedirect,
  type ClientSettings,
  clientSettings,
  type HttpClientOptions,
} from "./client_options.ts";
import {
  checkedFields,
  type FieldsInput,
  flatFields,
  flatTrailers,
  readMethod,
  type RequestPlan,
  withDefaults,
} from "./client_request.ts";
import { PLAIN_GET, Routes } from "./client_routes.ts";
import { type ClientUpgrade, openUpgrade, type UpgradeRequest } from "./client_upgrade.ts";
import type { CloseOptions } from "../tcp/mod.ts";
import { checkDialing } from "./dial.ts";
import type { Target } from "./origin.ts";
import { type PoolCounts, Pools } from "./pools.ts";

/** What a call of `fetch` may say: what it takes everywhere, and more. */
export interface FetchOptions extends Omit<RequestInit, "body" | "headers" | "signal"> {
  /** Header fields: a plain object costs least. */
  headers?: FieldsInput;
  /** The content. */
  body?: RequestBody | null | undefined;
  /**
   * Trailer fields (RFC 9110, section 6.5) behind the content, which goes out in chunks for them; as
   * a function it is called when all content was taken. Name those of a function in `Trailer`.
   */
  trailers?: FieldsInput | (() => FieldsInput | Promise<FieldsInput>);
  /** What other implementations of `fetch` want to be told for a stream; it changes nothing here. */
  duplex?: "half";
  /** Ends the call, or the response's content, with the signal's own reason. */
  signal?: AbortSignal | null | undefined;
  /**
   * Time in ms for everything, to the last byte; then `ERR_HTTP_REQUEST_TIMEOUT`. Default the
   * client's `timeouts.total`.
   */
  timeout?: number;
  /** Whether the content waits for the server to want it (RFC 9110, section 10.1.1). */
  expectContinue?: boolean;
  /** Whether gzip, deflate and br are asked for and decompressed. */
  decompress?: boolean;
  /** Called for each interim response (1xx). */
  onInformational?: (response: Informational) => void;
}

/** What a client is doing, and has done. */
export interface HttpClientStats extends PoolCounts {
  /** Calls that are under way: waiting, sent, or with content of the response to come. */
  readonly running: number;
  /** Calls so far. */
  readonly requests: number;
  /** Of these, those that went over a connection that had been used before. */
  readonly reused: number;
  /** Requests that were sent again because their used connection turned out to be dead. */
  readonly retries: number;
  /** Redirects that were followed. */
  readonly redirects: number;
}

const NO_FIELDS: readonly string[] = [];

/**
 * An HTTP client with a pool of connections of its own.
 *
 * `fetch()` takes what the global one takes outside a browser and gives a `Response`. Connections
 * are used again, the one used last first; a request that fails on one that turned out to be dead is
 * sent once more, if repeating it does no harm. Idle connections do not hold the process.
 *
 * Read the content of a response, or cancel it. One that nobody reads keeps its connection if it has
 * 64 KiB or more: until the response is garbage and collected, or for `timeouts.body` ms if nobody
 * has begun by then. Who has begun may read as slowly as is needed.
 *
 * @example
 * ```ts
 * import { HttpClient, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, async (request) => {
 *   return new Response(await request.text());
 * });
 * const { port } = await server.opened;
 *
 * await using client = new HttpClient({ maxSockets: 10, timeouts: { head: 5_000 } });
 * const response = await client.fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "hi" });
 * assertEquals(await response.text(), "hi");
 * assertEquals(client.stats.idle, 1);
 * ```
 */
export class HttpClient implements AsyncDisposable {
  readonly #options: HttpClientOptions;
  readonly #settings: ClientSettings;
  readonly #defaults: readonly string[];
  readonly #pools: Pools;
  readonly #routes: Routes;
  readonly #host: CallHost;
  readonly #plainOptions: CallOptions;
  readonly #counters = { requests: 0, reused: 0, retries: 0, redirects: 0 };
  #running = 0;
  #closed = false;
  #destroyed = false;
  #onIdle: (() => void) | null = null;

  /**
   * Makes a client. Throws a RangeError (`ERR_OUT_OF_RANGE`) or a TypeError
   * (`ERR_INVALID_ARG_VALUE`, `ERR_HTTP_INVALID_HEADER`) for an option that cannot be.
   */
  constructor(options: HttpClientOptions = {}) {
    this.#options = options;
    this.#settings = clientSettings(options);
    checkDialing(options);
    this.#defaults = checkedFields(options.headers);
    this.#pools = new Pools(this.#settings, sharedTimers);
    this.#routes = new Routes(options, this.#settings, this.#pools);
    this.#host = this.#makeHost(sharedTimers);
    const { redirect, decompress, timeouts: { total: timeout } } = this.#settings;
    this.#plainOptions = { redirect, decompress, timeout, signal: null, onInformational: null };
  }

  /** The present numbers. */
  get stats(): HttpClientStats {
    return { ...this.#pools.counts, running: this.#running, ...this.#counters };
  }

  /**
   * Sends a request and gives the response as soon as its head is there.
   *
   * Rejects with the signal's reason when it aborts; with what connecting fails with, such as
   * `ECONNREFUSED`, `ENOTFOUND` or `ERR_TLS_CERT_UNTRUSTED`; with `ERR_HTTP_NO_RESPONSE` or
   * `ECONNRESET` when the connection breaks; with a ProtocolError when the response is malformed or
   * beyond a limit; with `ERR_HTTP_HEAD_TIMEOUT`, `ERR_HTTP_QUEUE_TIMEOUT`, `ERR_HTTP_QUEUE_FULL`,
   * `ERR_HTTP_REQUEST_TIMEOUT`, `ERR_HTTP_TOO_MANY_REDIRECTS`, `ERR_HTTP_REDIRECT`,
   * `ERR_HTTP_PROXY_REFUSED`; with a TypeError for a request that cannot be. What happens later, the
   * body of the response fails with.
   */
  fetch(input: string | URL | Request, init?: FetchOptions): Promise<Response> {
    return new Promise((resolve, reject) => {
      try {
        this.#start(input, init, { resolve, reject });
      } catch (error) {
        reject(error);
      }
    });
  }

  /**
   * Asks a server to switch to another protocol (RFC 9110, section 7.8). When it does, `socket` is
   * the connection, with the first bytes put back, and outside the pool; otherwise it is null and
   * `response` is what the server said instead, with its body. Rejects as `fetch()` does.
   *
   * @example
   * ```ts
   * import { createServer } from "@netstd/net/tcp";
   * import { HttpClient } from "@netstd/net/http";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = createServer(async (socket) => {
   *   await socket.read();
   *   socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nhi");
   * });
   * await server.listen({ port: 0, hostname: "127.0.0.1" });
   * const { port } = server.address;
   *
   * await using client = new HttpClient();
   * const { socket } = await client.upgrade(`http://127.0.0.1:${port}/`, { protocol: "chat" });
   * assertEquals(new TextDecoder().decode((await socket!.read())!), "hi");
   * await socket!.close();
   * ```
   */
  upgrade(url: string | URL, options: UpgradeRequest): Promise<ClientUpgrade> {
    return openUpgrade(url, options, (plan, signal, outcome) => {
      this.#call(plan, this.#routes.target(url), {
        ...this.#plainOptions,
        redirect: "manual",
        signal,
      }, outcome);
    });
  }

  /**
   * Closes the client: nothing new is taken (`ERR_HTTP_CLIENT_CLOSED`), what runs may finish, to the
   * last byte of its responses; after `timeout` ms the rest is given up. Resolves when every
   * connection is closed. Without `timeout` it waits as long as it takes; 0 is at once. A `signal`
   * that aborts ends the wait alone, which rejects with its reason.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const timeout = checkNumber("the timeout", options.timeout, Infinity);
    const signal = checkSignal(options.signal);
    const closed = this.#close(timeout);
    await (signal === undefined ? closed : untilAborted(closed, signal));
  }

  async #close(timeout: number): Promise<void> {
    this.#closed = true;
    this.#pools.close();
    if (this.#running > 0 && timeout > 0) await this.#idle(timeout);
    this.#destroyed = true;
    this.#pools.destroy(closedError());
    await this.#pools.emptied;
  }

  /** Closes the client at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ timeout: 0 });
  }

  // ---------------------------------------------------------------------------------------------

  #makeHost(timers: TimerQueue): CallHost {
    return {
      settings: this.#settings,
      timers,
      route: (plan, target, decompress) => {
        if (this.#destroyed) throw closedError();
        return this.#routes.route(plan, target, decompress);
      },
      count: (event) => {
        this.#counters[event] += 1;
      },
      finished: () => {
        this.#running -= 1;
        if (this.#running === 0) this.#onIdle?.();
      },
    };
  }

  #start(input: string | URL | Request, init: FetchOptions | undefined, outcome: Outcome): void {
    const request = typeof input === "object" && "url" in input ? input : null;
    const target = this.#routes.target(request === null ? input as string | URL : request.url);
    if (request === null && init === undefined) {
      return this.#call(PLAIN_GET, target, this.#plainOptions, outcome);
    }
    const plan = this.#plan(request, init ?? {});
    this.#call(plan, target, this.#callOptions(request, init ?? {}), outcome);
  }

  #plan(request: Request | null, init: FetchOptions): RequestPlan {
    const method = readMethod(init.method ?? request?.method);
    const body = init.body === undefined ? request?.body ?? null : init.body;
    if (body !== null && (method === "GET" || method === "HEAD")) {
      throw netError("ERR_INVALID_ARG_VALUE", `Cannot send content with ${method}`);
    }
    if (request?.bodyUsed && init.body === undefined) {
      throw netError("ERR_HTTP_BODY_USED", "Cannot send the request: its body was read before");
    }
    const headers = init.headers ?? request?.headers;
    let fields = headers === undefined ? NO_FIELDS : flatFields(headers);
    let content = body === null ? null : readContent(body);
    if (init.trailers !== undefined) {
      [fields, content] = this.#trailed(fields, content, init.trailers);
    }
    return {
      method,
      fields,
      content,
      expectContinue: init.expectContinue ?? false,
      upgrade: null,
    };
  }

  /** Content with trailer fields, and the fields that announce them. */
  #trailed(
    fields: readonly string[],
    content: OutgoingContent | null,
    trailers: NonNullable<FetchOptions["trailers"]>,
  ): [readonly string[], OutgoingContent] {
    if (content === null) {
      throw netError("ERR_INVALID_ARG_VALUE", "Cannot send trailer fields without content");
    }
    if (typeof trailers === "function") {
      return [fields, withTrailers(content, async () => flatTrailers(await trailers()))];
    }
    const list = flatTrailers(trailers);
    const names = list.filter((_, at) => at % 2 === 0).join(", ");
    const announced = withDefaults(fields, names === "" ? [] : ["trailer", names]);
    return [announced, withTrailers(content, () => Promise.resolve(list))];
  }

  #callOptions(request: Request | null, init: FetchOptions): CallOptions {
    const { redirect, decompress, timeouts } = this.#settings;
    const timeout = checkNumber("the timeout", init.timeout, timeouts.total);
    return {
      redirect: checkRedirect(init.redirect ?? request?.redirect ?? redirect),
      decompress: init.decompress ?? decompress,
      timeout,
      signal: checkSignal(init.signal === undefined ? request?.signal ?? null : init.signal),
      onInformational: init.onInformational ?? null,
    };
  }

  #call(plan: RequestPlan, target: Target, options: CallOptions, outcome: Outcome): void {
    if (this.#closed) throw closedError();
    options.signal?.throwIfAborted();
    if (this.#defaults.length > 0) {
      plan = { ...plan, fields: withDefaults(plan.fields, this.#defaults) };
    }
    const call = new ClientCall(this.#host, plan, target, options, outcome);
    this.#counters.requests += 1;
    this.#running += 1;
    try {
      call.start();
    } catch (error) {
      this.#running -= 1;
      throw error;
    }
  }

  /** Resolves when nothing runs, or the time is over. */
  #idle(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = sharedTimers.timeout(timeout, () => resolve());
      timer.startWith(timeout);
      // Whoever closes again must not make the first wait for ever.
      const before = this.#onIdle;
      this.#onIdle = () => {
        before?.();
        timer.stop();
        resolve();
      };
    });
  }
}

function closedError(): Error {
  return netError("ERR_HTTP_CLIENT_CLOSED", "Cannot go on: the HTTP client was closed");
}
