/** The request that a server's handler gets: the platform's, made without its cost. @module */

import { netError } from "../_core/errors.ts";
import { incomingHeaders } from "./headers.ts";
import { textStreamOf, usedError } from "./incoming_body.ts";
import { hasMethod, initOf, makeNative, type NativeParts } from "./native_request.ts";
import { abortFromOutside, PlatformRequest, PlatformResponse, standInFor } from "./native_slots.ts";

/** What a request is made of. */
export interface RequestParts extends NativeParts {
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

/** What the platform's requests do. */
const platform = PlatformRequest.prototype;
const getter = (name: keyof Request) =>
  Object.getOwnPropertyDescriptor(platform, name)!.get! as (this: Request) => never;
const platformBody: (this: Request) => Request["body"] = getter("body");
const platformBodyUsed: (this: Request) => boolean = getter("bodyUsed");
const platformSignal: (this: Request) => AbortSignal = getter("signal");

/** Gives its instances' fields to an object that is there already. */
class Extension {
  constructor(made: object | null) {
    if (made !== null) return made;
  }
}

/**
 * See the module's text. What is not here is the platform's. It is an object of ours, or extends one
 * that the platform's constructor made, which is what the platform's functions look into.
 */
class IncomingRequest extends Extension {
  readonly #parts: RequestParts;
  #url: string | null = null;
  #headers: Headers | null = null;
  #controller: AbortController | null = null;
  #aborted: { reason: unknown } | null = null;
  /** Whether it extends one of the platform's. */
  readonly #extends: boolean;
  /** The platform's, which has the content from then on. */
  #native: Request | null = null;

  static {
    partsOfRequest = (request) => #parts in request ? request.#parts : undefined;
    abortRequest = (request: object, reason) => {
      if (!(#parts in request)) return;
      request.#aborted = { reason };
      request.#controller?.abort(reason);
      if (request.#extends) {
        abortFromOutside?.(platformSignal.call(request as unknown as Request), reason);
      }
    };
    nativeRequest = (request) =>
      typeof request === "object" && request !== null && #parts in request
        ? (request as unknown as IncomingRequest).#real()
        : request;
    Object.setPrototypeOf(this.prototype, platform);
  }

  constructor(
    parts: RequestParts,
    made: Request | null = null,
    controller: AbortController | null = null,
  ) {
    super(made);
    this.#parts = parts;
    this.#extends = made !== null;
    this.#controller = controller;
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
    if (this.#native !== null) {
      return platformBody.call(this.#native) as ReadableStream<Bytes> | null;
    }
    return this.#parts.body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    if (this.#native !== null) return platformBodyUsed.call(this.#native);
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
    if (this.#native !== null) return platform.arrayBuffer.call(this.#native);
    return this.#parts.body?.arrayBuffer() ?? Promise.resolve(new ArrayBuffer(0));
  }

  bytes(): Promise<Bytes> {
    if (this.#native !== null) return this.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    return this.#parts.body?.bytes() ?? Promise.resolve(new Uint8Array(0));
  }

  text(): Promise<string> {
    if (this.#native !== null) return platform.text.call(this.#native);
    return this.#parts.body?.text() ?? Promise.resolve("");
  }

  json(): Promise<unknown> {
    if (this.#native !== null) return platform.json.call(this.#native);
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
    const copy = platform.clone.call(this.#real());
    // The platform does not know of the signal that was made here.
    const own = this.#extends ? new PlatformRequest(copy, { signal: this.signal }) : copy;
    return withMethod(own, this.method);
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
    if (this.#extends) return this.#native = this as unknown as Request;
    const { body } = this.#parts;
    const native = new PlatformRequest(this.url, initOf(this.#parts, this.signal));
    // For whom the content was read before, the platform's is used up, too.
    if (body?.used && !native.body?.locked) native.body?.getReader();
    return this.#native = native;
  }
}

/** Makes requests of the platform that are instances of {@linkcode IncomingRequest} as well. */
class ExtendedRequest extends PlatformRequest {
  static {
    Object.setPrototypeOf(this.prototype, IncomingRequest.prototype);
    // Some tell classes by the name of their constructor.
    Object.defineProperty(this.prototype, "constructor", { value: PlatformRequest });
  }
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
    // Bun's constructor reads any object; its functions do not.
    const isTaken = platformBodyUsed.call(light as unknown as Request) === false;
    return isTaken && new PlatformRequest(light as unknown as Request).method === "PUT";
  } catch {
    return false;
  }
}

/**
 * Makes a request. Where the runtime's own functions would not take a light one (Node 22 and later,
 * which hide the inside of a Request), it extends one of the platform's, but for methods that the
 * platform refuses. That one has no signal to follow, which would cost more than all the rest, if it
 * can be aborted from outside.
 */
export function makeRequest(parts: RequestParts): Request {
  fits ??= findOut(parts);
  let made: Request | null = null;
  let controller: AbortController | null = null;
  if (!fits && hasMethod(parts.head.method)) {
    if (abortFromOutside !== null) made = makeNative(ExtendedRequest, parts);
    else {
      controller = new AbortController();
      made = new ExtendedRequest(parts.url(), initOf(parts, controller.signal));
    }
  }
  return new IncomingRequest(parts, made, controller) as unknown as Request;
}

/** What the server gave a request to find again; undefined for requests of others. */
export function contextOf(request: Request): unknown {
  if (typeof request !== "object" || request === null) {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot use what is no request");
  }
  return partsOfRequest(request)?.context;
}
