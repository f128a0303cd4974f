/**
 * One call of `fetch`: its request from place to place (redirects, a second try), its response, and
 * everything that may end it early.
 *
 * @module
 */

import { netError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import type { Timeout, TimerQueue } from "../_io/timers.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";
import type { Fields } from "./_engine/fields.ts";
import { quote } from "./_engine/head_writer.ts";
import type { ResponseHead } from "./_engine/message.ts";
import type { OutgoingContent } from "./client_body.ts";
import type { ClientConnection } from "./client_connection.ts";
import { HIGH_WATER_MARK } from "./client_limits.ts";
import type { ClientSettings, RedirectMode } from "./client_options.ts";
import { isIdempotent, type RequestPlan } from "./client_request.ts";
import { codingsOf, type ContentReceiver, decodedBody } from "./decode.ts";
import { ResponseWatch, type Waiting } from "./forgotten.ts";
import { type BodySource, IncomingBody } from "./incoming_body.ts";
import { parseUrl, type Target, targetOf } from "./origin.ts";
import type { Pool, PoolRequest } from "./pool.ts";
import { fieldsAfter, isRedirect, readLocation, stepAfter } from "./redirect.ts";
import { makeResponse } from "./response.ts";

/** An interim response (1xx), such as 103 (Early Hints). */
export interface Informational {
  /** The status, 100 to 199. */
  readonly status: number;
  /** The header fields. */
  readonly headers: Headers;
}

/** What a call asks of its client. */
export interface CallHost {
  readonly settings: ClientSettings;
  readonly timers: TimerQueue;
  /** The message for a place, and the pool that leads there. */
  route(plan: RequestPlan, target: Target, decompress: boolean): Route;
  /** A call was answered, tried again, redirected, or is over. */
  count(event: "retries" | "redirects" | "reused"): void;
  /** A call is over, response and all. */
  finished(): void;
}

/** A message and the way it takes. */
export interface Route {
  readonly message: RequestMessage;
  readonly pool: Pool;
}

/** What a call may say besides the request. */
export interface CallOptions {
  readonly redirect: RedirectMode;
  readonly decompress: boolean;
  readonly timeout: number;
  readonly signal: AbortSignal | null;
  readonly onInformational: ((response: Informational) => void) | null;
}

/** What `upgrade()` gets in place of a response. */
export interface Switched {
  readonly head: ResponseHead;
  readonly early: Uint8Array;
  readonly stream: ByteStream;
}

/** How a call is told its outcome. */
export interface Outcome {
  resolve(response: Response): void;
  reject(error: unknown): void;
  /** The server has switched protocols. */
  switched?(switched: Switched): void;
}

const ANSWERED: Outcome = { resolve() {}, reject() {} };

/** Why content is cancelled that nobody has opened. */
const ANSWERED_BEFORE = "The request was answered without its content";
const REDIRECTED = "The request was redirected without its content";

/** Statuses whose responses have a null body (the fetch standard, 2.2.3). */
const NULL_BODY_STATUS = new Set([204, 205, 304]);

/** See the module's text. */
export class ClientCall implements PoolRequest, BodySource, Waiting {
  message!: RequestMessage;
  needsFresh = false;
  waiting = false;
  queuedAt = 0;
  readonly #host: CallHost;
  readonly #options: CallOptions;
  #outcome: Outcome;
  #plan: RequestPlan;
  #target: Target;
  #pool: Pool | null = null;
  #connection: ClientConnection | null = null;
  #receiver: ContentReceiver | null = null;
  #body: IncomingBody | null = null;
  #response: ResponseWatch | null = null;
  #retried = false;
  #redirects = 0;
  #answered = false;
  #over = false;
  #timer: Timeout | null = null;

  /** Prepares a call. */
  constructor(
    host: CallHost,
    plan: RequestPlan,
    target: Target,
    options: CallOptions,
    outcome: Outcome,
  ) {
    this.#host = host;
    this.#plan = plan;
    this.#target = target;
    this.#options = options;
    this.#outcome = outcome;
  }

  /** The content of the request. */
  get content(): OutgoingContent | null {
    return this.#plan.content;
  }

  /** See `PoolRequest`. */
  get careful(): boolean {
    return !isIdempotent(this.#plan.method) || !this.#mayReplay;
  }

  /** See `ClientExchange`. */
  get unread(): boolean {
    return this.#body?.used === false;
  }

  /** Sends the request. Throws what is wrong with it before anything was sent. */
  start(): void {
    const { signal, timeout } = this.#options;
    const { message, pool } = this.#host.route(
      this.#plan,
      this.#target,
      this.#options.decompress,
    );
    this.message = message;
    this.#pool = pool;
    signal?.addEventListener("abort", this.#onAbort);
    if (timeout < Infinity) {
      this.#timer = this.#host.timers.timeout(timeout, () => this.#timeUp());
      this.#timer.start();
    }
    pool.request(this);
  }

  /** Ends the call, wherever it is. */
  abort(reason: unknown): void {
    if (this.#over) return;
    this.#pool?.drop(this);
    this.#fail(reason);
  }

  // --- What the connection tells ---------------------------------------------------------------

  /** A connection carries it. */
  carriedBy(connection: ClientConnection): void {
    this.#connection = connection;
    if (connection.exchanges > 1) this.#host.count("reused");
  }

  onInformational(head: ResponseHead): void {
    const { onInformational } = this.#options;
    if (onInformational === null) return;
    try {
      onInformational({ status: head.status, headers: new Headers([...head.fields]) });
    } catch (error) {
      this.abort(error);
    }
  }

  onResponse(head: ResponseHead): void {
    if (isRedirect(head.status) && this.#options.redirect !== "manual" && this.#redirect(head)) {
      return;
    }
    if (head.status === 417 && this.message.expectsContinue && this.#mayReplay) {
      return this.#goOn({ ...this.#plan, expectContinue: false });
    }
    this.#respond(head);
  }

  onContent(chunk: Uint8Array): void {
    this.#receiver?.push(chunk);
  }

  onResponseEnd(trailers: Fields | null): void {
    this.#connection = null;
    const receiver = this.#receiver;
    this.#finish();
    receiver?.end(trailers);
  }

  onFailure(error: unknown, untouched: boolean): void {
    if (this.#over) return;
    this.#connection = null;
    const again = untouched && !this.#retried && isIdempotent(this.#plan.method) &&
      this.#mayReplay && !this.#answered;
    if (!again) return this.#fail(error);
    this.#retried = true;
    this.needsFresh = true;
    this.#host.count("retries");
    this.#pool!.request(this);
  }

  onSwitch(head: ResponseHead, early: Uint8Array, stream: ByteStream): void {
    this.#connection = null;
    this.#finish();
    if (this.#outcome.switched === undefined) return stream.close();
    this.#outcome.switched({ head, early, stream });
  }

  // --- What the reader of the response asks for ------------------------------------------------

  pull(): void {
    this.#connection?.hold(false);
  }

  pause(): void {
    this.#connection?.hold(true);
    this.#response?.watch(this);
  }

  /** The response is gone; its stream, once somebody has it, can be read without. */
  forgotten(): void {
    if (this.unread && !this.#body!.given) this.cancel();
  }

  cancel(): void {
    const connection = this.#connection;
    if (connection === null) return;
    this.#connection = null;
    this.#finish();
    connection.abandon();
  }

  // ---------------------------------------------------------------------------------------------

  readonly #onAbort = () => this.abort(this.#options.signal!.reason);

  get #mayReplay(): boolean {
    return this.#plan.content === null || this.#plan.content.replayable;
  }

  #respond(head: ResponseHead): void {
    const { status, reason: statusText, fields } = head;
    let body: IncomingBody | null = null;
    try {
      body = this.#bodyOf(head);
    } catch (error) {
      return this.abort(error);
    }
    this.#answered = true;
    this.#body = body;
    const { href: url } = this.#target;
    const redirected = this.#redirects > 0;
    // What is decoded goes through decoders first.
    const decoded = body !== null && body !== this.#receiver;
    const parts = { status, statusText, fields, body, url, redirected, decoded };
    const response = makeResponse(parts);
    // A short one comes to its end by itself, whether somebody reads it or not.
    const isShort = head.framing.kind === "length" && head.framing.length < HIGH_WATER_MARK;
    if (body !== null && !isShort) this.#response = new ResponseWatch(response);
    this.#outcome.resolve(response);
    // The promise holds the response, which nobody might but for us.
    this.#outcome = ANSWERED;
  }

  #bodyOf({ status, fields, framing }: ResponseHead): IncomingBody | null {
    if (this.message.method === "HEAD" || NULL_BODY_STATUS.has(status)) return null;
    const coding = this.#options.decompress ? fields.get("content-encoding") : null;
    const codings = coding === null ? [] : codingsOf(coding);
    if (codings.length === 0) {
      const body = new IncomingBody(this, framing.kind === "length" ? framing.length : null);
      this.#receiver = body;
      return body;
    }
    const { receiver, body } = decodedBody(this, codings, this.#host.settings);
    this.#receiver = receiver;
    return body;
  }

  /** Follows a redirect, or fails for it; false when it is a response like any other. */
  #redirect(head: ResponseHead): boolean {
    const [location] = head.fields.all("location");
    if (location === undefined) return false;
    try {
      this.#follow(head, readLocation(location));
    } catch (error) {
      this.abort(error);
    }
    return true;
  }

  #follow({ status }: ResponseHead, location: string): void {
    const { maxRedirects } = this.#host.settings;
    if (this.#options.redirect === "error") {
      throw netError("ERR_HTTP_REDIRECT", `Cannot follow a redirect to ${quote(location)}`);
    }
    if (this.#redirects >= maxRedirects) {
      throw netError("ERR_HTTP_TOO_MANY_REDIRECTS", `Cannot follow over ${maxRedirects} redirects`);
    }
    const next = resolve(location, this.#target);
    const { method, keepsBody } = stepAfter(status, this.#plan.method);
    // Only 303 means another request; the others repeat this one (the fetch standard, 4.4).
    if (status !== 303 && !this.#mayReplay) {
      const message = `Cannot follow a redirect to ${quote(location)}: the content is gone`;
      throw netError("ERR_HTTP_REDIRECT", message);
    }
    const fields = fieldsAfter(this.#plan.fields, keepsBody, next.origin === this.#target.origin);
    this.#redirects += 1;
    this.#host.count("redirects");
    this.#target = next;
    const content = keepsBody ? this.#plan.content : null;
    if (!keepsBody) this.#plan.content?.discard?.(REDIRECTED);
    this.#goOn({ ...this.#plan, method, fields, content });
  }

  /** Leaves the response alone, and sends another request once the connection may be free. */
  #goOn(plan: RequestPlan): void {
    this.#plan = plan;
    const connection = this.#connection;
    this.#connection = null;
    this.needsFresh = false;
    this.#retried = false;
    connection?.abandon();
    queueMicrotask(() => {
      if (this.#over) return;
      try {
        const { decompress } = this.#options;
        const { message, pool } = this.#host.route(this.#plan, this.#target, decompress);
        this.message = message;
        this.#pool = pool;
        pool.request(this);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #timeUp(): void {
    const { timeout } = this.#options;
    const message = `Cannot wait longer than ${timeout} ms for a request and its response`;
    this.abort(netError("ERR_HTTP_REQUEST_TIMEOUT", message));
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.#connection = null;
    this.#finish(error);
    connection?.close();
    if (this.#answered) this.#receiver?.fail(error);
    else this.#outcome.reject(error);
  }

  #finish(reason: unknown = ANSWERED_BEFORE): void {
    if (this.#over) return;
    this.#over = true;
    this.#response?.stop();
    this.#timer?.stop();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#plan.content?.discard?.(reason);
    this.#host.finished();
  }
}

function resolve(location: string, from: Target): Target {
  let url: URL;
  try {
    url = parseUrl(location, from.href);
  } catch (cause) {
    const message = `Cannot follow a redirect to ${quote(location)}`;
    throw netError("ERR_HTTP_REDIRECT", message, { cause });
  }
  const target = targetOf(url);
  return {
    ...target,
    hash: target.hash === "" ? from.hash : target.hash,
    // As the caller's own Authorization, these are for the whole origin.
    authorization: target.authorization ??
      (target.origin === from.origin ? from.authorization : null),
  };
}
