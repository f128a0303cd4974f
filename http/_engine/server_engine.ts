/**
 * The server's side of an HTTP/1.1 connection (RFC 9112): requests in, responses out, one exchange
 * after the other. It decides what is written, whether the connection goes on and when it ends;
 * whoever owns it does the reading, writing and waiting.
 *
 * @module
 */

import { concat } from "../../_core/bytes.ts";
import type { NetError } from "../../_core/errors.ts";
import { utf8 } from "../../_core/text.ts";
import type { Fields } from "./fields.ts";
import { chunkHead, isAscii, lastChunk, latin1Bytes } from "./head_writer.ts";
import type { MessageSink, RequestHead } from "./message.ts";
import { refusal } from "./refusal.ts";
import { RequestReader } from "./request_reader.ts";
import {
  type Content,
  headOf,
  informationalHead,
  planResponse,
  type ResponsePlan,
} from "./response_plan.ts";
import type { ResponseMessage, ServerEngineOptions, ServerEngineSink } from "./server_parts.ts";
import { textLength, wholeText } from "./whole_text.ts";

/** The engine of one connection; see the module's text. */
export class ServerEngine implements MessageSink<RequestHead> {
  readonly #sink: ServerEngineSink;
  readonly #options: ServerEngineOptions;
  readonly #reader: RequestReader;
  #head: RequestHead | null = null;
  #requestComplete = true;
  #responseStarted = false;
  #responseComplete = true;
  #plan: ResponsePlan | null = null;
  /** Whether another request may follow the one at work. */
  #keepAlive = true;
  /** Whether 100 (Continue) was sent. */
  #continued = false;
  /** Bytes of the request's content that came, and of those that nobody wanted. */
  #received = 0;
  #unread = 0;
  /** Bytes that came behind the request at work. */
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;
  /** Whether the owner was told to stop reading. */
  #held = false;
  /** Whether the reader is at work, further up the stack. */
  #feeding = false;
  #peerEnded = false;
  /** Whether this exchange is the last, whatever it says. */
  #closing = false;
  /** Whether all is said, and nothing is heard any more. */
  #finished = false;
  /** Whether another protocol, or a tunnel, follows the response. */
  #switched = false;

  /** Makes the engine of a new connection. */
  constructor(sink: ServerEngineSink, options: ServerEngineOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#reader = new RequestReader(this, options);
  }

  /** Whether a request or its response is under way. */
  get busy(): boolean {
    return !this.#requestComplete || !this.#responseComplete;
  }

  /** Whether a part of a request's head has come. */
  get inHead(): boolean {
    return !this.busy && this.#reader.inHead;
  }

  /** Whether content of the request is still to come. */
  get inContent(): boolean {
    return !this.#requestComplete;
  }

  /** Whether the response has begun. */
  get responseStarted(): boolean {
    return this.#responseStarted;
  }

  /** Bytes came in. They are the caller's again when the call returns. */
  receive(chunk: Uint8Array): void {
    if (this.#finished) return;
    const at = this.#holds ? 0 : this.#feed(chunk);
    if (at < chunk.length) this.#keep(chunk.slice(at));
  }

  /** The client has ended its side. It still gets the answers to what it asked (section 9.6). */
  receiveEnd(): void {
    this.#peerEnded = true;
    if (this.#finished || this.#holds) return;
    this.#reader.receiveEnd();
    if (!this.busy && !this.#finished) this.#finish();
  }

  /** Goes on with what waited behind the exchange that is over, or for room. */
  goOn(): void {
    while (this.#waiting.length > 0 && !this.#holds && !this.#finished) {
      const chunks = this.#waiting;
      this.#waiting = [];
      this.#waitingSize = 0;
      const chunk = chunks.length === 1 ? chunks[0]! : concat(chunks);
      const at = this.#feed(chunk);
      if (at < chunk.length) this.#keep(chunk.subarray(at));
    }
    if (this.#held && this.#waitingSize <= this.#options.maxPipelined) this.#hold(false);
    if (this.#peerEnded && !this.#holds && !this.#finished) this.receiveEnd();
  }

  /** Finishes the exchange at work, if any, and begins none. */
  shutdown(): void {
    this.#closing = true;
    if (!this.busy && !this.#reader.inHead && !this.#finished) this.#finish();
  }

  /** The connection is gone: what waits is dropped, and what is sent from here on goes nowhere. */
  connectionLost(): void {
    this.#finished = true;
    this.#waiting = [];
  }

  /** Asks the client for the content that it announced (RFC 9110, section 10.1.1). */
  sendContinue(): void {
    if (!this.#awaitsContinue || this.#responseStarted) return;
    this.#continued = true;
    this.#sink.write("HTTP/1.1 100 Continue\r\n\r\n", true);
  }

  /** Sends an interim response, 102 to 199; HTTP/1.0 has none (RFC 9110, section 15.2). */
  sendInformational(status: number, headers: readonly string[]): void {
    if (this.#responseStarted || this.#head === null || this.#head.minor === 0) return;
    this.#writeText(informationalHead(status, headers));
  }

  /**
   * Answers the request at work by a whole response. Throws the head writer's errors, and then
   * nothing was sent.
   */
  respond(message: ResponseMessage, content: string | Uint8Array | null): void {
    if (typeof content === "string") this.#respondText(message, content);
    else {
      const plan = this.#begin(message, content === null ? "none" : content.length);
      const sends = content !== null && content.length > 0 && plan.framing !== "none";
      this.#writeHead(plan, sends);
      if (sends) this.#sink.write(content);
    }
    this.#completeResponse();
  }

  /**
   * Answers the request at work by a response whose content follows by `sendContent()` and
   * `sendEnd()`, unless the answer is false: then the content is not wanted, and the response is
   * complete. Throws as `respond()`.
   */
  beginResponse(message: ResponseMessage): boolean {
    const plan = this.#begin(message, "stream");
    this.#writeHead(plan);
    if (plan.framing !== "none") return true;
    this.#completeResponse();
    return false;
  }

  /** Sends a part of the content. Gives false when it is longer than the head said: then cut. */
  sendContent(chunk: Uint8Array): boolean {
    const plan = this.#plan!;
    if (chunk.length === 0) return true;
    plan.sent += chunk.length;
    if (plan.framing === "length" && plan.sent > plan.length) return false;
    if (plan.framing !== "chunked") this.#sink.write(chunk);
    else this.#sink.writeFramed(chunkHead(chunk.length), chunk, "\r\n");
    return true;
  }

  /** The content is complete. Gives false when it is shorter than the head said: then cut. */
  sendEnd(trailers: readonly string[] = []): boolean {
    const plan = this.#plan!;
    if (plan.framing === "length" && plan.sent < plan.length) return false;
    if (plan.framing === "chunked") {
      this.#writeText(lastChunk(trailers));
    }
    this.#completeResponse();
    return true;
  }

  /** Answers a failure by a response that says why, and ends; nothing if a response has begun. */
  refuse(status: number, why: string = ""): void {
    if (this.#finished) return;
    if (!this.#responseStarted) {
      this.#keepAlive = false;
      this.#responseStarted = true;
      this.#responseComplete = true;
      const withContent = this.#reader.method !== "HEAD";
      this.#sink.write(refusal(status, why, this.#options.date(), withContent), true);
    }
    this.#finish();
  }

  /** Gives the connection up to another protocol, with what came behind the request. */
  handOver(): Uint8Array {
    this.#switched = true;
    const early = concat(this.#waiting);
    this.#waiting = [];
    return early;
  }

  // --- What the reader tells -------------------------------------------------------------------

  onHead(head: RequestHead): void {
    this.#head = head;
    this.#requestComplete = false;
    this.#responseStarted = false;
    this.#responseComplete = false;
    this.#keepAlive = head.keepAlive;
    this.#continued = false;
    this.#received = 0;
    this.#unread = 0;
    this.#sink.onRequest(head);
  }

  onBody(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (!this.#responseComplete) return this.#sink.onContent(chunk);
    this.#unread += chunk.length;
    if (this.#unread > this.#options.maxUnread) this.#finish();
  }

  onEnd(trailers: Fields | null): void {
    this.#requestComplete = true;
    if (this.#finished) return;
    this.#sink.onRequestEnd(trailers);
    if (this.#finished) return;
    if (this.#responseComplete) this.#exchangeOver();
    if (this.#holds) this.#reader.stop();
  }

  onViolation(error: NetError): void {
    this.#requestComplete = true;
    if (this.#finished) return;
    this.#keepAlive = false;
    this.#closing = true;
    const answers = !this.#responseStarted;
    this.#sink.onViolation(error, answers);
    // A response that is under way goes on to its end, and nothing comes after it.
    if (answers) this.refuse(error.status ?? 400, error.message);
    else if (this.#responseComplete) this.#finish();
  }

  /**
   * Whether a request has to wait for the response before it, or for those before to be taken. One
   * whose head has begun to come goes on: its time runs.
   */
  get #holds(): boolean {
    if (!this.#requestComplete) return false;
    return !this.#responseComplete || !(this.#sink.hasRoom || this.#reader.inHead);
  }

  get #awaitsContinue(): boolean {
    const waits = this.#head?.expectsContinue ?? false;
    return waits && !this.#continued && !this.#requestComplete && this.#received === 0;
  }

  /** Gives the reader what it takes; answers how much that was. */
  #feed(chunk: Uint8Array): number {
    this.#feeding = true;
    let at = 0;
    while (at < chunk.length && !this.#finished && !this.#holds) {
      at = this.#reader.receive(chunk, at);
    }
    this.#feeding = false;
    return this.#finished ? chunk.length : at;
  }

  #keep(chunk: Uint8Array): void {
    // Behind the last request of a connection there is nothing to be heard (RFC 9112, 9.6).
    if (!this.#switched && (!this.#keepAlive || this.#closing)) return;
    this.#waiting.push(chunk);
    this.#waitingSize += chunk.length;
    if (!this.#held && this.#waitingSize > this.#options.maxPipelined) this.#hold(true);
  }

  #hold(on: boolean): void {
    this.#held = on;
    this.#sink.onHold(on);
  }

  #begin(message: ResponseMessage, content: Content): ResponsePlan {
    const head = this.#head!;
    const plan = planResponse(message, content, {
      method: head.method,
      minor: head.minor,
      keepAlive: this.#keepAlive && !this.#closing && !this.#isLast && this.#drainable,
      keepAliveLines: this.#options.keepAliveLines,
      date: this.#options.date,
    });
    this.#plan = plan;
    this.#switched = plan.switches;
    this.#keepAlive = plan.keepAlive;
    this.#responseStarted = true;
    return plan;
  }

  /** Whether the client has ended its side, and nothing waits that it sent before. */
  get #isLast(): boolean {
    return this.#peerEnded && !this.#feeding && this.#waiting.length === 0;
  }

  /** Whether the rest of the request's content can be dropped for the next request to be found. */
  get #drainable(): boolean {
    if (this.#requestComplete) return true;
    if (this.#awaitsContinue) return false;
    const { framing } = this.#head!;
    return framing.kind !== "length" || framing.length - this.#received <= this.#options.maxUnread;
  }

  #completeResponse(): void {
    this.#plan = null;
    // What comes from here on is the next protocol's, or nothing.
    if (this.#switched || this.#finished) return;
    this.#responseComplete = true;
    if (this.#requestComplete) this.#exchangeOver();
    else if (!this.#keepAlive) this.#finish();
  }

  #exchangeOver(): void {
    this.#head = null;
    this.#responseStarted = false;
    if (!this.#keepAlive || this.#closing) return this.#finish();
    this.#sink.onIdle();
    if (!this.#feeding) this.goOn();
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    // Nothing is heard behind the last exchange (RFC 9112, section 9.6).
    this.#reader.stop();
    this.#waiting = [];
    this.#sink.onOver();
  }

  #respondText(message: ResponseMessage, content: string): void {
    const length = textLength(content);
    const plan = this.#begin(message, length);
    if (plan.framing === "none") this.#writeHead(plan);
    // As many bytes as letters: ASCII.
    else if (plan.opening.ascii) {
      this.#sink.write(wholeText(plan, content), length === content.length);
    } else {
      this.#writeHead(plan, true);
      this.#sink.write(utf8(content));
    }
  }

  #writeHead(plan: ResponsePlan, more: boolean = false): void {
    this.#writeText(headOf(plan), plan.opening.ascii, more);
  }

  /** A head is one letter a byte, mostly plain ASCII. */
  #writeText(text: string, ascii: boolean = isAscii(text), more: boolean = false): void {
    this.#sink.write(ascii ? text : latin1Bytes(text), ascii, more);
  }
}
