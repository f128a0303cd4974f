/**
 * The client's side of an HTTP/1.1 connection (RFC 9112): requests out, responses in, one exchange
 * after the other. It decides what is written, whether the connection can be used again, and when it
 * is of no more use; whoever owns it does the reading, writing and waiting.
 *
 * @module
 */

import { type NetError, netError } from "../../_core/errors.ts";
import type { Fields } from "./fields.ts";
import { listHas } from "./grammar.ts";
import { chunkHead, lastChunk } from "./head_writer.ts";
import type { Framing, MessageSink, ReaderLimits, ResponseHead } from "./message.ts";
import { ResponseReader } from "./response_reader.ts";

/** What the engine tells and asks for. Calls come from within its own methods. */
export interface ClientEngineSink {
  /** An interim response (RFC 9110, section 15.2). */
  onInformational(head: ResponseHead): void;
  /** The server wants the content that was held back for it (RFC 9110, section 10.1.1). */
  onContinue(): void;
  /** The final response has begun. */
  onResponse(head: ResponseHead): void;
  /** A part of the response's content, only valid during the call. */
  onContent(chunk: Uint8Array): void;
  /** The response is complete. */
  onResponseEnd(trailers: Fields | null): void;
  /** The exchange is over, and another may begin. */
  onFree(): void;
  /** The exchange failed; the connection is of no more use. */
  onFailure(error: NetError): void;
  /** The connection carries another protocol now; `early` are its first bytes. */
  onSwitch(head: ResponseHead, early: Uint8Array): void;
  /** The connection is of no more use: close it. */
  onOver(): void;
  /** Sends data. */
  write(data: Uint8Array | string): void;
}

/** What a client accepts. */
export interface ClientEngineOptions extends ReaderLimits {
  /** Interim responses before the final one. */
  readonly maxInformational: number;
}

/** A request as the engine sends it. */
export interface RequestMessage {
  /** The method. */
  readonly method: string;
  /** The whole head, with the lines that its framing needs: as text if it is ASCII, else bytes. */
  readonly head: string | Uint8Array;
  /** How the content goes out. */
  readonly framing: Framing;
  /** Whether the connection shall end with this exchange. */
  readonly close: boolean;
  /** Whether the content waits for 100 (Continue). */
  readonly expectsContinue: boolean;
  /** The protocol that the server is asked to switch to; null for none. */
  readonly upgrade: string | null;
}

const NOTHING = new Uint8Array(0);

/** The engine of one connection; see the module's text. */
export class ClientEngine implements MessageSink<ResponseHead> {
  readonly #sink: ClientEngineSink;
  readonly #options: ClientEngineOptions;
  readonly #reader: ResponseReader;
  #request: RequestMessage | null = null;
  #head: ResponseHead | null = null;
  #requestComplete = true;
  #responseComplete = true;
  #awaitsContinue = false;
  #answerBegan = false;
  #informational = 0;
  #unsent = 0;
  #keepAlive = true;
  #switching = false;
  #over = false;

  /** Makes the engine of a new connection. */
  constructor(sink: ClientEngineSink, options: ClientEngineOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#reader = new ResponseReader(this, options);
  }

  /** Whether an exchange is under way. */
  get busy(): boolean {
    return this.#request !== null;
  }

  /** Whether content of the request is still to be sent. */
  get sending(): boolean {
    return !this.#requestComplete;
  }

  /** Whether that content is held back until the server wants it. */
  get awaitsContinue(): boolean {
    return this.#awaitsContinue;
  }

  /** Whether anything of an answer to the request has come. */
  get answerBegan(): boolean {
    return this.#answerBegan;
  }

  /** The head of the final response, once it has come. */
  get head(): ResponseHead | null {
    return this.#head;
  }

  /** Whether the connection is of no more use. */
  get over(): boolean {
    return this.#over;
  }

  /** Sends a request, with its content if that is at hand: as text it goes out as UTF-8. */
  send(request: RequestMessage, content: Uint8Array | string | null): void {
    this.#request = request;
    this.#head = null;
    this.#responseComplete = false;
    this.#answerBegan = false;
    this.#informational = 0;
    this.#keepAlive = !request.close;
    this.#reader.expect(request.method);
    const { framing } = request;
    this.#unsent = framing.kind === "length" ? framing.length : 0;
    this.#awaitsContinue = request.expectsContinue;
    this.#requestComplete = framing.kind === "none" || (content !== null && !this.#awaitsContinue);
    this.#writeText(request.head, this.#requestComplete ? content : null);
  }

  /** Content need wait no longer for 100 (Continue). */
  continueNow(): void {
    this.#awaitsContinue = false;
  }

  /** Sends a part of the content; false when there is more than was announced. */
  sendContent(chunk: Uint8Array): boolean {
    if (chunk.length === 0 || this.#requestComplete || this.#over) return true;
    if (this.#request!.framing.kind === "length") {
      if (chunk.length > this.#unsent) return false;
      this.#unsent -= chunk.length;
      this.#sink.write(chunk);
    } else {
      this.#sink.write(chunkHead(chunk.length));
      this.#sink.write(chunk);
      this.#sink.write("\r\n");
    }
    return true;
  }

  /** Ends the content, with trailer fields if it is chunked; false when some is missing. */
  sendEnd(trailers: readonly string[] = []): boolean {
    if (this.#requestComplete || this.#over) return true;
    if (this.#request!.framing.kind === "length") {
      if (this.#unsent > 0) return false;
    } else {
      this.#sink.write(lastChunk(trailers));
    }
    this.#requestComplete = true;
    if (this.#responseComplete) this.#exchangeOver();
    return true;
  }

  /** Bytes came in. They are the caller's again when the call returns. */
  receive(chunk: Uint8Array): void {
    if (this.#over) return;
    // Nothing was asked: whatever it is, it must not become the answer to the next request.
    if (this.#request === null) return this.#finish();
    this.#answerBegan = true;
    const at = this.#reader.receive(chunk);
    if (this.#over) return;
    if (this.#switching && this.#responseComplete) {
      this.#over = true;
      this.#sink.onSwitch(this.#head!, at < chunk.length ? chunk.slice(at) : NOTHING);
    } else if (this.#responseComplete) {
      if (at < chunk.length) this.#keepAlive = false;
      this.#exchangeOver();
    }
  }

  /** The server has ended its side. */
  receiveEnd(): void {
    if (this.#over) return;
    if (this.#request === null) return this.#finish();
    this.#reader.receiveEnd();
    if (this.#over) return;
    this.#keepAlive = false;
    if (this.#responseComplete) this.#exchangeOver();
    else {
      const message = "Cannot get an answer: the server closed the connection";
      this.#fail(netError("ERR_HTTP_NO_RESPONSE", message));
    }
  }

  // --- What the reader tells -------------------------------------------------------------------

  onHead(head: ResponseHead): void {
    if (this.#over) return;
    const { method, upgrade } = this.#request!;
    if (head.status >= 200 || head.status === 101) this.#head = head;
    else return this.#interim(head);
    if (head.status === 101) {
      if (upgrade === null || !listHas(head.upgrade ?? "", upgrade.toLowerCase())) {
        return this.#unasked(head);
      }
      this.#switching = true;
    } else if (method === "CONNECT" && head.status < 300) {
      this.#switching = true;
    } else {
      if (!head.keepAlive) this.#keepAlive = false;
      this.#sink.onResponse(head);
    }
  }

  onBody(chunk: Uint8Array): void {
    if (!this.#over) this.#sink.onContent(chunk);
  }

  onEnd(trailers: Fields | null): void {
    // The end of an interim response is nothing to tell.
    if (this.#over || this.#head === null) return;
    this.#reader.stop();
    this.#responseComplete = true;
    if (!this.#switching) this.#sink.onResponseEnd(trailers);
  }

  onViolation(error: NetError): void {
    this.#fail(error);
  }

  // ---------------------------------------------------------------------------------------------

  #interim(head: ResponseHead): void {
    this.#informational += 1;
    if (this.#informational > this.#options.maxInformational) {
      const message = `Cannot take more than ${this.#options.maxInformational} interim responses`;
      return this.#fail(netError("ERR_HTTP_TOO_MANY_INFORMATIONAL", message));
    }
    this.#sink.onInformational(head);
    if (head.status === 100 && this.#awaitsContinue && !this.#over) {
      this.#awaitsContinue = false;
      this.#sink.onContinue();
    }
  }

  #unasked(head: ResponseHead): void {
    const given = head.upgrade === null ? "an unnamed protocol" : JSON.stringify(head.upgrade);
    const message = `Cannot switch to ${given}: it was not asked for`;
    this.#fail(netError("ERR_HTTP_UNEXPECTED_UPGRADE", message));
  }

  #exchangeOver(): void {
    if (this.#over) return;
    // A server that answered in full does not want the rest of the request (section 9.5).
    if (!this.#requestComplete || !this.#keepAlive) return this.#finish();
    this.#request = null;
    this.#head = null;
    this.#sink.onFree();
  }

  #fail(error: NetError): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.onFailure(error);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.onOver();
  }

  /** Writes a head, with content that is at hand. */
  #writeText(head: string | Uint8Array, content: Uint8Array | string | null): void {
    if (typeof head === "string" && typeof content === "string") {
      this.#sink.write(head + content);
    } else {
      this.#sink.write(head);
      if (content !== null && content.length > 0) this.#sink.write(content);
    }
  }
}
