/** One request and its response, between the handler and the connection. @module */

import { Deferred } from "../_core/deferred.ts";
import { type NetError, netError } from "../_core/errors.ts";
import type { ServerPlaces } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import type { Successor } from "../_io/take_over.ts";
import type { TcpSocket } from "../tcp/mod.ts";
import type { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import type { ServerEngine } from "./_engine/server_engine.ts";
import { type BodySource, IncomingBody } from "./incoming_body.ts";
import { type Outgoing, outgoingOf } from "./outgoing.ts";
import type { HeadersInput } from "./platform.ts";
import { Presence } from "./presence.ts";
import { ReadAhead } from "./read_ahead.ts";
import { abortRequest, makeRequest, type RequestParts } from "./request.ts";
import { RequestInfo } from "./request_info.ts";
import { sendBody } from "./send_body.ts";
import type { ServerContext } from "./server_context.ts";
import { SocketSuccessor, Switch } from "./switch.ts";

/** What an exchange asks of its connection. */
export interface ExchangeHost {
  readonly context: ServerContext;
  readonly engine: ServerEngine;
  readonly stream: ByteStream;
  readonly places: ServerPlaces;
  /** Whether more of a response may be written. */
  readonly hasRoom: boolean;
  /** Keeps back what is written until the end of this turn, so that it leaves together. */
  joinTurn(): void;
  /** Calls back once there is room again; never, if the connection is gone before. */
  whenDrained(callback: () => void): void;
  /** Resolves when all that was written has gone out. */
  flushed(): Promise<void>;
  /** Stops the reading of content (true), or goes on (false). */
  holdContent(on: boolean): void;
  /** A response that came in its own turn is complete. */
  responded(): void;
  /** Breaks the connection off, for the response to look incomplete; `hard` by an RST. */
  cut(error: unknown, hard: boolean): void;
  /** Gives the connection to somebody once the response has gone out. */
  switchTo(successor: Successor): void;
}

/** Content that goes out in parts. */
type Parts = Exclude<Outgoing["body"], null | string | Uint8Array>;

/** A response, or a promise of one. */
export type Answer = Response | Promise<Response>;

/** See the module's text. */
export class Exchange implements BodySource, RequestParts {
  readonly head: RequestHead;
  readonly request: Request;
  readonly host: ExchangeHost;
  readonly body: IncomingBody | null;
  #info: RequestInfo | null = null;
  #discarding = false;
  #answered = false;
  #over = false;
  #failure: unknown = null;
  #completed: Deferred<void> | null = null;
  #presence: Presence | null = null;
  #onGone: ((reason: unknown) => void) | null = null;
  /** What `upgrade()` prepared. */
  #switch: Switch | null = null;

  /** Begins an exchange. */
  constructor(host: ExchangeHost, head: RequestHead) {
    this.host = host;
    this.head = head;
    const { framing } = head;
    this.body = framing.kind === "none" || (framing.kind === "length" && framing.length === 0)
      ? null
      : new IncomingBody(this, framing.kind === "length" ? framing.length : null);
    this.request = makeRequest(this);
  }

  /** What `contextOf()` finds again of the request. */
  get context(): this {
    return this;
  }

  /** The URL of the request. */
  url(): string {
    return this.host.context.urlOf(this.head, this.host.stream);
  }

  /** What the handler gets besides the request. */
  get info(): RequestInfo {
    return this.#info ??= new RequestInfo(this);
  }

  /** Whether the request has been answered. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether a response has begun: a handler that is a promise has none yet. */
  get responded(): boolean {
    return this.#over || this.host.engine.responseStarted;
  }

  /** Resolves when the response has gone out; rejects with what prevented it. */
  get completed(): Promise<void> {
    if (this.#completed === null) {
      this.#completed = new Deferred();
      if (this.#failure !== null) this.#completed.reject(this.#failure);
      else if (this.#over) this.host.flushed().then(...this.#settling());
    }
    return this.#completed.promise;
  }

  /** Hands the request to the server's listeners and handler. */
  run(): void {
    this.host.context.dispatch(this);
  }

  /** Answers the request. Throws `ERR_HTTP_RESPONDED` when it was answered before. */
  respondWith(answer: Answer): void {
    if (this.#answered) {
      throw netError("ERR_HTTP_RESPONDED", "Cannot respond: the request was answered before");
    }
    this.#answered = true;
    if (!isPromise(answer)) return this.#respond(answer, false);
    answer.then(
      (response) => this.#respond(response, true),
      (error) => this.#handlerFailed(error, true),
    );
  }

  /** The handler threw. */
  failed(error: unknown): void {
    if (this.#answered) return this.host.context.report(error);
    this.#answered = true;
    this.#handlerFailed(error, false);
  }

  /** Prepares the handing over of the connection with a response. */
  prepareSwitch(response: Response): Switch {
    this.#switch?.destroy();
    return this.#switch = new Switch(response, this.host.places);
  }

  /** Gives the connection to a socket without a response, once the request is complete. */
  giveAway(take: (socket: TcpSocket, early: Uint8Array) => void): void {
    this.#answered = true;
    this.#letContentCome();
    this.#over = true;
    const socket = this.host.places.makeSocket() as TcpSocket;
    this.host.switchTo(new SocketSuccessor(socket, (early) => take(socket, early)));
  }

  /** Sends an interim response. */
  sendInformational(status: number, headers: HeadersInput): void {
    if (!(Number.isInteger(status) && status >= 102 && status <= 199)) {
      const message = `Cannot send the status ${status} as an interim one: it is not 102 to 199`;
      throw netError("ERR_HTTP_INVALID_STATUS", message);
    }
    if (!this.#over) this.host.engine.sendInformational(status, [...new Headers(headers)].flat());
  }

  // --- What the connection tells ---------------------------------------------------------------

  receive(chunk: Uint8Array): void {
    if (!this.#discarding) this.body?.push(chunk);
  }

  receiveEnd(trailers: Fields | null): void {
    if (!this.#discarding) this.body?.end(trailers);
  }

  /** The request turned out to be malformed; `answered` says whether the engine answers it. */
  violated(error: NetError, answered: boolean): void {
    this.body?.fail(error);
    if (answered) this.gone(error);
  }

  /** The client has ended its side: it waits for the response, or is gone. */
  peerEnded(): void {
    if (this.#over || this.#presence !== null) return;
    const { context, engine } = this.host;
    this.#presence = new Presence(context.timers, context.settings.timeouts.presence, () => {
      if (this.#over || engine.responseStarted) return this.#presence?.stop();
      engine.sendInformational(102, []);
    });
  }

  /** The connection is gone, before the response was complete. */
  gone(reason: unknown): void {
    this.#presence?.stop();
    if (this.#over) return;
    this.#over = true;
    this.#failure = reason;
    this.body?.fail(reason);
    abortRequest(this.request, reason);
    this.#onGone?.(reason);
    this.#completed?.reject(reason);
    this.#switch?.destroy();
  }

  // --- What the request's body asks for --------------------------------------------------------

  pull(): void {
    if (this.#over) return;
    this.host.engine.sendContinue();
    this.host.holdContent(false);
  }

  pause(): void {
    if (!this.#over) this.host.holdContent(true);
  }

  cancel(): void {
    this.#discarding = true;
    if (!this.#over) this.host.holdContent(false);
  }

  // ---------------------------------------------------------------------------------------------

  #respond(response: Response, late: boolean): void {
    if (this.#over) return this.#drop(response);
    try {
      this.#send(response, late);
    } catch (error) {
      this.#handlerFailed(error, late);
    }
  }

  /** The handler threw, or its response cannot be sent: `onError` may answer in its place. */
  #handlerFailed(error: unknown, late: boolean): void {
    if (this.#over) return;
    const { context, engine } = this.host;
    if (engine.responseStarted) return this.#cut(error);
    const refuse = () => {
      if (this.#over || engine.responseStarted) return;
      engine.respond({ status: 500, statusText: "", headers: [] }, null);
      this.#complete(late);
    };
    const answer = (response: Response) => {
      if (this.#over) return this.#drop(response);
      try {
        this.#send(response, true);
      } catch (failure) {
        context.report(failure);
        refuse();
      }
    };
    try {
      const result = context.onError(error);
      if (!isPromise(result)) return answer(result);
      result.then(answer, (failure) => {
        context.report(failure);
        refuse();
      });
    } catch (failure) {
      context.report(failure);
      refuse();
    }
  }

  #send(response: Response, late: boolean): void {
    const prepared = this.#switch;
    if (prepared !== null && prepared.response === response) {
      return this.#switchOver(prepared);
    }
    prepared?.destroy();
    const outgoing = outgoingOf(response);
    const { body, status } = outgoing;
    if (status < 200) {
      throw netError(
        "ERR_HTTP_INVALID_STATUS",
        `Cannot respond by the status ${status}: it is no final one`,
      );
    }
    const { engine } = this.host;
    if (body === null || typeof body === "string" || body instanceof Uint8Array) {
      engine.respond(outgoing, body);
      return this.#complete(late);
    }
    if (body instanceof ReadAhead) this.#sendWhole(outgoing, body);
    else this.#sendParts(outgoing, body);
  }

  /** Sends content that may be all there, by its length if it is. */
  #sendWhole(outgoing: Outgoing, body: ReadAhead): void {
    this.#onGone = (reason) => void body.cancel(reason).catch(() => {});
    body.whole().then((whole) => {
      if (this.#over) return;
      if (whole === null) return this.#sendParts(outgoing, body);
      this.host.engine.respond(outgoing, whole);
      this.#complete(true);
    }).catch((error) => this.#handlerFailed(error, true));
  }

  #sendParts(outgoing: Outgoing, body: Parts): void {
    const { engine } = this.host;
    this.host.joinTurn();
    // The content may come from that of the request, which no 100 could ask for any more.
    engine.sendContinue();
    if (!engine.beginResponse(outgoing)) {
      this.#cancelBody(outgoing, undefined);
      return this.#complete(true);
    }
    const sending = sendBody(body, this.host, outgoing.trailers ?? null);
    this.#onGone = sending.cancel;
    sending.done.then(() => this.#complete(true), (error) => this.#cut(error));
  }

  #cut(error: unknown): void {
    if (this.#over) return;
    this.host.context.report(error);
    // Content without a length and chunks looks complete when the connection just ends.
    this.host.cut(error, this.head.minor === 0);
  }

  #complete(late: boolean): void {
    this.#presence?.stop();
    if (this.#over) return;
    this.#over = true;
    // The rest of the content is dropped: whoever still reads it must not take a part for all.
    if (this.host.engine.inContent) this.body?.fail(answeredError());
    if (this.#completed !== null) this.host.flushed().then(...this.#settling());
    if (late) this.host.responded();
  }

  #settling(): [() => void, (error: unknown) => void] {
    return [() => this.#completed!.resolve(), (error) => this.#completed!.reject(error)];
  }

  #switchOver(prepared: Switch): void {
    const outgoing = outgoingOf(prepared.response);
    this.#switch = null;
    this.#letContentCome();
    this.#over = true;
    // From here on the engine keeps what comes, and what comes is the next protocol's.
    this.host.engine.respond(outgoing, null);
    this.host.switchTo(prepared.successor);
    if (this.#completed !== null) this.host.flushed().then(...this.#settling());
  }

  /** Drops the content ahead of another protocol; who holds it back is asked for it first. */
  #letContentCome(): void {
    // 100 has to come before 101 (RFC 9110, section 7.8).
    this.host.engine.sendContinue();
    this.cancel();
  }

  /** A response that nobody gets. */
  #drop(response: Response): void {
    try {
      this.#cancelBody(outgoingOf(response), this.#failure);
    } catch {
      // A body that was used before is its reader's affair.
    }
  }

  #cancelBody({ body }: Outgoing, reason: unknown): void {
    if (body instanceof IncomingBody) body.cancel(reason);
    else if (body instanceof ReadableStream || body instanceof ReadAhead) {
      body.cancel(reason).catch(() => {});
    }
  }
}

/** Promises of others count as well: some programs bring their own. */
function isPromise(answer: Answer): answer is Promise<Response> {
  return answer instanceof Promise ||
    typeof (answer as { then?: unknown } | null | undefined)?.then === "function";
}

function answeredError(): NetError {
  const message = "Cannot read the content: the request was answered before all of it had come";
  return netError("ERR_HTTP_RESPONDED", message);
}
