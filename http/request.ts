/** The request that a server's handler gets: the platform's, made without its cost. @module */

import { netError } from "../_core/errors.ts";
import type { RequestHead } from "./_engine/message.ts";
import { incomingHeaders } from "./headers.ts";
import { type IncomingBody, textStreamOf, usedError } from "./incoming_body.ts";
import { PlatformRequest, PlatformResponse, standInFor } from "./native_slots.ts";

/** What a request is made of. */
export interface RequestParts {
  /** The head as it came. */
  readonly head: RequestHead;
  /** Makes the whole URL, when it is asked for. */
  url(): string;
  /** The content; null when there is none. */
  readonly body: IncomingBody | null;
  /** Whatever the server wants to find again by `contextOf()`. */
  readonly context: unknown;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What can be found again of a request of this package's server. */
export let partsOfRequest: (request: object) => RequestParts | undefined;

/** Has `request.signal` abort. */
export let abortRequest: (request: Request, reason: unknown) => void;

/** The platform's request behind a light one, as what does not know those needs it. */
export let nativeRequest: <T>(request: T) => T | Request;

/** Requests that had to be the platform's own from the start, see `makeRequest()`. */
const eager = new WeakMap<object, { parts: RequestParts; controller: AbortController }>();

/** See the module's text. What is not here is the platform's. */
class IncomingRequest {
  readonly #parts: RequestParts;
  #url: string | null = null;
  #headers: Headers | null = null;
  #controller: AbortController | null = null;
  #aborted: { reason: unknown } | null = null;
  /** The platform's, which has the content from then on. */
  #native: Request | null = null;

  static {
    partsOfRequest = (request) => #parts in request ? request.#parts : eager.get(request)?.parts;
    abortRequest = (request: object, reason) => {
      if (!(#parts in request)) return eager.get(request)?.controller.abort(reason);
      request.#aborted = { reason };
      request.#controller?.abort(reason);
    };
    nativeRequest = (request) =>
      typeof request === "object" && request !== null && #parts in request
        ? (request as unknown as IncomingRequest).#real()
        : request;
    Object.setPrototypeOf(this.prototype, PlatformRequest.prototype);
  }

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  get method(): string {
    return this.#parts.head.method;
  }

  get url(): string {
    return this.#url ??= this.#parts.url();
  }

  get headers(): Headers {
    return this.#headers ??= incomingHeaders(this.#parts.head.fields);
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  get body(): ReadableStream<Bytes> | null {
    if (this.#native !== null) return this.#native.body;
    return this.#parts.body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    if (this.#native !== null) return this.#native.bodyUsed;
    return this.#parts.body?.used ?? false;
  }

  get cache(): Request["cache"] {
    return "default";
  }

  get credentials(): Request["credentials"] {
    return "same-origin";
  }

  get destination(): Request["destination"] {
    return "";
  }

  get duplex(): "half" {
    return "half";
  }

  get integrity(): string {
    return "";
  }

  get keepalive(): boolean {
    return false;
  }

  get mode(): Request["mode"] {
    return "cors";
  }

  get redirect(): Request["redirect"] {
    return "follow";
  }

  get referrer(): string {
    return "about:client";
  }

  get referrerPolicy(): Request["referrerPolicy"] {
    return "";
  }

  get isHistoryNavigation(): boolean {
    return false;
  }

  get isReloadNavigation(): boolean {
    return false;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#native !== null) return this.#native.arrayBuffer();
    return this.#parts.body?.arrayBuffer() ?? Promise.resolve(new ArrayBuffer(0));
  }

  bytes(): Promise<Bytes> {
    if (this.#native !== null) return this.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    return this.#parts.body?.bytes() ?? Promise.resolve(new Uint8Array(0));
  }

  text(): Promise<string> {
    if (this.#native !== null) return this.#native.text();
    return this.#parts.body?.text() ?? Promise.resolve("");
  }

  json(): Promise<unknown> {
    if (this.#native !== null) return this.#native.json();
    return this.#parts.body?.json() ?? this.text().then(JSON.parse);
  }

  textStream(): ReadableStream<string> {
    return textStreamOf(this.body);
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData(): Promise<FormData> {
    const headers = { "content-type": this.headers.get("content-type") ?? "" };
    // The platform knows how to read forms.
    return await new PlatformResponse(await this.bytes(), { headers }).formData();
  }

  clone(): Request {
    if (this.bodyUsed || this.body?.locked) throw usedError();
    return withMethod(this.#real().clone(), this.method);
  }

  [Symbol.for("nodejs.util.inspect.custom")](
    _depth: number,
    options: object,
    inspect?: (value: unknown, options: object) => string,
  ): unknown {
    const { method, url, headers } = this;
    const shown = { method, url, headers };
    return inspect === undefined ? shown : `Request ${inspect(shown, options)}`;
  }

  [Symbol.for("Deno.customInspect")](inspect: (value: unknown) => string): string {
    const { method, url, headers } = this;
    return `Request ${inspect({ method, url, headers })}`;
  }

  /** Lets the runtime's own functions take it for one of theirs. */
  static standIn(): void {
    const sample = new PlatformRequest("http://localhost/");
    standInFor(this.prototype, PlatformRequest, sample, (request) => request.#real());
  }

  /** The platform's request, made when something needs it. */
  #real(): Request {
    if (this.#native !== null) return this.#native;
    const { body } = this.#parts;
    const native = makeNative(this.#parts, this.url, this.signal);
    // For whom the content was read before, the platform's is used up, too.
    if (body?.used && !native.body?.locked) native.body?.getReader();
    return this.#native = native;
  }
}

/** Methods that the platform has no requests of. */
const REFUSED = /^(?:CONNECT|TRACE|TRACK)$/i;

function makeNative(parts: RequestParts, url: string, signal: AbortSignal): Request {
  const { method, fields } = parts.head;
  const init: RequestInit & { duplex: "half" } = {
    method: REFUSED.test(method) ? "POST" : method,
    headers: [...fields],
    signal,
    duplex: "half",
  };
  // The platform has no content in these.
  const without = method === "GET" || method === "HEAD";
  if (parts.body !== null && !without) {
    init.body = parts.body.used ? new ReadableStream() : parts.body.stream;
  }
  return withMethod(new PlatformRequest(url, init), method);
}

/** The platform writes some methods in capitals, which a server must not (RFC 9110, section 9.1). */
function withMethod(request: Request, method: string): Request {
  if (request.method !== method) Object.defineProperty(request, "method", { value: method });
  return request;
}

/** Whether the runtime takes the light requests for its own; found out with the first. */
let fits: boolean | null = null;

/** Has requests be light from now on, since all that takes them knows those; or not any more. */
export function assumeLight(on: boolean): void {
  fits = on ? true : null;
}

function findOut({ head }: RequestParts): boolean {
  IncomingRequest.standIn();
  try {
    const light = new IncomingRequest({
      head: { ...head, method: "PUT" },
      url: () => "http://localhost/",
      body: null,
      context: null,
    });
    return new PlatformRequest(light as unknown as Request).method === "PUT";
  } catch {
    return false;
  }
}

/**
 * Makes a request. Where the runtime's own functions would not take a light one (Node 22 and later,
 * which hide the inside of a Request), it is the platform's from the start, but for methods that
 * the platform refuses.
 */
export function makeRequest(parts: RequestParts): Request {
  fits ??= findOut(parts);
  if (fits || REFUSED.test(parts.head.method)) {
    return new IncomingRequest(parts) as unknown as Request;
  }
  const controller = new AbortController();
  const request = makeNative(parts, parts.url(), controller.signal);
  eager.set(request, { parts, controller });
  return request;
}

/** What the server gave a request to find again; undefined for requests of others. */
export function contextOf(request: Request): unknown {
  if (typeof request !== "object" || request === null) {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot use what is no request");
  }
  return partsOfRequest(request)?.context;
}
