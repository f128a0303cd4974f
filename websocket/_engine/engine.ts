/**
 * One end of an open WebSocket connection (RFC 6455), of a client or a server: bytes in, messages
 * out, and the other way round. It makes every decision that the protocol asks for: it answers pings
 * and closes, says what goes out before a failed connection is dropped, and who ends it first.
 *
 * @module
 */

import { type NetError, netError } from "../../_core/errors.ts";
import { MOST_BYTES_OF_A_LETTER, utf8 } from "../../_core/text.ts";
import { type CloseStatus, NO_STATUS, readClose, writeClose } from "./close_code.ts";
import type { Deflater, Inflater } from "./codec.ts";
import { BIT, OPCODE, type Role } from "./frame.ts";
import { FrameOutput, type OutputSink } from "./frame_output.ts";
import type { MessageLimits } from "./message_assembler.ts";
import { type PeerReader, type ReaderOwner, takeReader } from "./peer_reader.ts";
import { after, type Move, reads, type State } from "./state.ts";

/** What an engine tells, and what it has done. It never tells anything after `onFailure`. */
export interface EngineSink extends OutputSink {
  /** A message came. */
  onMessage(data: string | Uint8Array): void;
  /** A ping came; its answer is on its way. */
  onPing(payload: Uint8Array): void;
  /** A pong came, asked for or not. */
  onPong(payload: Uint8Array): void;
  /** The peer's close frame came; the answer, if it takes one, is on its way. */
  onCloseFrame(status: CloseStatus): void;
  /** The peer broke the rules, or `fail()` was called. */
  onFailure(error: NetError): void;
  /** End our side of the byte stream when all has gone out. */
  end(): void;
  /** Whether so much waits to go out that answers to pings are better held back. */
  readonly backedUp: boolean;
}

/** What messages may be, and which of ours are deflated. */
export interface EngineSettings extends MessageLimits {
  /** Messages of fewer bytes go out as they are. */
  readonly threshold: number;
  /** Messages of more bytes do so too: deflating takes the process for as long as it takes. */
  readonly maxDeflateSize: number;
  /** Answers to pings that may go out behind what waits already. */
  readonly maxPendingPongs: number;
}

/** Compression as it was agreed on; null for none. */
export interface Codecs {
  /** Inflates what comes. */
  readonly inflater: Inflater | null;
  /** Deflates what goes out. */
  readonly deflater: Deflater | null;
}

/** What an engine is given of the world around it. */
export interface EngineMeans {
  /** Numbers of 32 bits that nobody can guess, for a client's frames (RFC 6455, section 5.3). */
  readonly nextKey: () => number;
  /** Copies bytes for somebody to keep. */
  readonly copy: (bytes: Uint8Array, start: number, end: number) => Uint8Array;
}

/** See the module's text. */
export class WebSocketEngine implements ReaderOwner {
  /** What the peer's close frame said. */
  received: CloseStatus | null = null;
  /** What ours said. */
  sent: CloseStatus | null = null;
  readonly role: Role;
  readonly limits: EngineSettings;
  readonly inflater: Inflater | null;
  readonly copy: EngineMeans["copy"];
  readonly #sink: EngineSink;
  readonly #deflater: Deflater | null;
  readonly #output: FrameOutput;
  /** Only while something is read, or a message is under way. */
  #reader: PeerReader | null = null;
  #state: State = "open";
  /** The answer to the last ping, while it is held back. */
  #heldPong: Uint8Array | null = null;
  /** Answers that went out since so much waits. */
  #pendingPongs = 0;

  /** Makes an end that is open. */
  constructor(
    sink: EngineSink,
    settings: EngineSettings,
    { inflater, deflater }: Codecs,
    role: Role,
    { nextKey, copy }: EngineMeans,
  ) {
    this.role = role;
    this.limits = settings;
    this.inflater = inflater;
    this.copy = copy;
    this.#sink = sink;
    this.#deflater = deflater;
    this.#output = new FrameOutput(sink, role, nextKey);
  }

  /** Where it stands. */
  get state(): State {
    return this.#state;
  }

  /** Whether messages may still come. */
  get reads(): boolean {
    return reads(this.#state);
  }

  /** Bytes of frames that leave when what has come in was read. */
  get pending(): number {
    return this.#output.pending;
  }

  /** Lets them leave at once. */
  flush(): void {
    this.#output.flush();
  }

  /**
   * Takes bytes of the peer, borrowed, from `from` on; they may be changed. Gives the place up to
   * which they were used: all of them unless `stop()` was called meanwhile.
   */
  receive(chunk: Uint8Array, from: number = 0): number {
    if (!this.reads) return chunk.length;
    const reader = this.#reader ??= takeReader(this);
    this.#output.hold();
    const at = reader.receive(chunk, from);
    this.#output.letGo();
    if (reader.giveBack()) this.#reader = null;
    return at;
  }

  /** Within `onMessage`: takes no further frame for now. */
  stop(): void {
    this.#reader?.stop();
  }

  /** The peer's bytes have come to their end. */
  receiveEnd(): void {
    if (this.#move("end")) this.#end();
  }

  /** Sends a text. Gives false when it is too late for that. */
  sendText(text: string): boolean {
    const isSmall = text.length * MOST_BYTES_OF_A_LETTER < this.limits.threshold;
    if (this.#deflater !== null && !isSmall) return this.#sendMessage(OPCODE.TEXT, utf8(text));
    if (this.#state !== "open") return false;
    this.#output.sendText(BIT.FIN | OPCODE.TEXT, text);
    return true;
  }

  /** Sends bytes, which may not be changed before they have gone out; false when it is too late. */
  sendBytes(bytes: Uint8Array): boolean {
    return this.#sendMessage(OPCODE.BINARY, bytes);
  }

  /** Sends a frame that was made before; false when it is too late. */
  sendFrame(frame: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    this.#output.sendFrame(frame);
    return true;
  }

  /** Sends a ping; false when it is too late. */
  ping(payload: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    this.#output.send(BIT.FIN | OPCODE.PING, payload);
    return true;
  }

  /** Sends a pong that nobody asked for; false when it is too late. */
  pong(payload: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    this.#output.send(BIT.FIN | OPCODE.PONG, payload);
    return true;
  }

  /** Begins to close, with a code that may be sent or 1005 for none; false when it is too late. */
  close(code: number, reason: string): boolean {
    if (this.#state !== "open") return false;
    this.#sendClose(code, reason);
    return true;
  }

  /** Gives the connection up, telling the peer why if it can still be told. */
  fail(error: NetError): void {
    const told = this.#state !== "open";
    if (!this.#move("fail")) return;
    this.#reader?.kill();
    if (!told && error.closeCode !== undefined) {
      this.#writeClose(error.closeCode, error.message);
    }
    this.#end();
    this.#sink.onFailure(error);
  }

  /** All that waited has gone out: what was held back follows. */
  drained(): void {
    const payload = this.#heldPong;
    this.#heldPong = null;
    this.#pendingPongs = 0;
    if (payload !== null) this.#answerPing(payload);
  }

  onMessage(data: string | Uint8Array): void {
    this.#sink.onMessage(data);
  }

  onControl(opcode: number, payload: Uint8Array): void {
    if (opcode === OPCODE.PING) this.#onPing(payload);
    else if (opcode === OPCODE.PONG) this.#sink.onPong(payload);
    else this.#onClose(payload);
  }

  onViolation(error: NetError): void {
    this.fail(error);
  }

  #move(move: Move): boolean {
    const next = after(this.#state, move);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #onPing(payload: Uint8Array): void {
    const behind = this.#sink.backedUp;
    // Only the last of several pings needs an answer (section 5.5.3).
    if (behind && this.#pendingPongs >= this.limits.maxPendingPongs) this.#heldPong = payload;
    else {
      if (behind) this.#pendingPongs += 1;
      this.#answerPing(payload);
    }
    this.#sink.onPing(payload);
  }

  /** A ping is answered until the peer's close frame has come, ours sent or not (section 5.5.2). */
  #answerPing(payload: Uint8Array): void {
    if (this.reads) this.#output.send(BIT.FIN | OPCODE.PONG, payload);
  }

  #onClose(payload: Uint8Array): void {
    const status = readClose(payload);
    if (status instanceof Error) return this.fail(status);
    this.#reader?.kill();
    this.received = status;
    this.#move("receiveClose");
    if (this.#state === "answering") this.#sendClose(status.code, status.reason);
    // The server ends first, so that the waiting time of TCP is the client's (section 7.1.1).
    if (this.role === "server") this.#end();
    this.#sink.onCloseFrame(status);
  }

  #sendClose(code: number, reason: string): void {
    this.#move("sendClose");
    this.#writeClose(code, reason);
  }

  #writeClose(code: number, reason: string): void {
    // The ping came before the peer's close frame, if there is one.
    if (this.#heldPong !== null) this.#output.send(BIT.FIN | OPCODE.PONG, this.#heldPong);
    this.#heldPong = null;
    this.sent = { code, reason: code === NO_STATUS ? "" : reason };
    this.#output.send(BIT.FIN | OPCODE.CLOSE, writeClose(code, reason));
  }

  #sendMessage(opcode: number, payload: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    const { threshold, maxDeflateSize } = this.limits;
    const deflater = this.#deflater;
    const { length } = payload;
    if (deflater !== null && length >= threshold && length <= maxDeflateSize) {
      this.#output.send(BIT.FIN | BIT.RSV1 | opcode, deflater.deflate(payload));
    } else {
      this.#output.send(BIT.FIN | opcode, payload);
    }
    return true;
  }

  #end(): void {
    this.#output.flush();
    this.#sink.end();
  }
}

/** The error of a connection that ended without a close frame. */
export function abnormalError(): NetError {
  const message = "Cannot go on: the connection ended without a close frame";
  return netError("ERR_WS_ABNORMAL_CLOSE", message);
}
