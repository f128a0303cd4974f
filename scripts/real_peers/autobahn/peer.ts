/**
 * The fuzzing side of one connection, as a client or a server: it sends frames as they should be or
 * should not, and takes what comes back. By code of its own, on `node:net` and `node:zlib`.
 *
 * @module
 */

import type { Socket } from "node:net";
import { frame, type FrameParts } from "../../../_testing/websocket_cases/frames.ts";
import type { Codecs } from "./codecs.ts";

/** What has come. */
export interface Event {
  readonly kind: "text" | "binary" | "ping" | "pong" | "close" | "end" | "error";
  readonly payload: Uint8Array;
}

/** Which side the fuzzer is. */
export type Role = "client" | "server";

const NAMES = new Map<number, Event["kind"]>([
  [1, "text"],
  [2, "binary"],
  [8, "close"],
  [9, "ping"],
  [10, "pong"],
]);

const NOTHING = new Uint8Array(0);

/** Bytes that were joined up to here are written at once. */
const BATCH = 64 * 1024;

/** See the module's text. */
export class Peer {
  readonly role: Role;
  readonly codecs: Codecs | null;
  readonly #socket: Socket;
  #buffer: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  readonly #events: Event[] = [];
  #wake: (() => void) | null = null;
  #over: Event | null = null;

  /** Takes a socket after the handshake, with what came behind it. */
  constructor(socket: Socket, role: Role, codecs: Codecs | null, early: Uint8Array) {
    this.#socket = socket;
    this.role = role;
    this.codecs = codecs;
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("end", () => this.#tell({ kind: "end", payload: NOTHING }));
    socket.on(
      "error",
      (error) => this.#tell({ kind: "error", payload: new TextEncoder().encode(error.message) }),
    );
    this.#take(early);
  }

  /** Sends frames, in writes of `chop` bytes, or in large ones. */
  async send(frames: readonly FrameParts[], chop = BATCH): Promise<void> {
    const masked = this.role === "client";
    let batch: Uint8Array[] = [];
    let size = 0;
    for (const [index, parts] of frames.entries()) {
      const bytes = frame({ masked, ...parts });
      batch.push(bytes);
      size += bytes.length;
      if (size < BATCH && index < frames.length - 1) continue;
      await this.#write(Buffer.concat(batch), chop);
      batch = [];
      size = 0;
    }
  }

  /** A message, deflated if that was agreed on, in fragments of `size` bytes if that is not 0. */
  async sendMessage(opcode: number, payload: Uint8Array, size = 0): Promise<void> {
    const bytes = this.codecs === null ? payload : await this.codecs.deflate(payload);
    const step = size === 0 ? Math.max(1, bytes.length) : size;
    const frames: FrameParts[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += step) {
      frames.push({
        opcode: at === 0 ? opcode : 0,
        rsv: at === 0 && this.codecs !== null ? 4 : 0,
        fin: at + step >= bytes.length,
        payload: bytes.subarray(at, at + step),
      });
    }
    await this.send(frames);
  }

  /** The next thing that comes. The end and an error come for ever. */
  async next(): Promise<Event> {
    while (this.#events.length === 0) {
      if (this.#over !== null) return this.#over;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const event = this.#events.shift()!;
    const data = event.kind === "text" || event.kind === "binary";
    if (!data || this.codecs === null || !this.#compressed.delete(event)) return event;
    return { kind: event.kind, payload: await this.codecs.inflate(event.payload) };
  }

  /** Whether nothing has come that was not taken. */
  get idle(): boolean {
    return this.#events.length === 0;
  }

  /** Ends our side. */
  end(): void {
    this.#socket.end();
  }

  /** Leaves, whatever is under way. */
  leave(): void {
    this.#socket.destroy();
  }

  readonly #compressed = new Set<Event>();

  async #write(bytes: Uint8Array, chop: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += chop) {
      const piece = bytes.subarray(at, at + chop);
      // The other side may be gone: what it said before counts.
      await new Promise<void>((resolve) => this.#socket.write(piece, () => resolve()));
    }
  }

  #take(chunk: Uint8Array): void {
    const size = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(BATCH, 2 * (size + chunk.length)));
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
      this.#start = 0;
      this.#end = size;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
    while (this.#readFrame());
  }

  #readFrame(): boolean {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    if (bytes.length < 2) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const short = bytes[1]! & 0x7f;
    const masked = bytes[1]! > 0x7f;
    const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0);
    if (bytes.length < start) return false;
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    if (bytes.length < start + length) return false;
    const payload = bytes.slice(start, start + length);
    const key = bytes.slice(start - 4, start);
    if (masked) { for (let at = 0; at < length; at++) payload[at]! ^= key[at & 3]!; }
    this.#start += start + length;
    this.#onFrame(bytes[0]!, masked, payload);
    return true;
  }

  #onFrame(first: number, masked: boolean, payload: Uint8Array): void {
    const kind = NAMES.get(first & 15);
    const rsv = (first >> 4) & 7;
    if (kind === undefined || first < 0x80 || masked !== (this.role === "server")) {
      const message = `A frame that may not be: ${first.toString(16)}, masked ${masked}`;
      return this.#tell({ kind: "error", payload: new TextEncoder().encode(message) });
    }
    const event = { kind, payload };
    if (rsv === 4) this.#compressed.add(event);
    this.#tell(event);
  }

  #tell(event: Event): void {
    if (event.kind === "end" || event.kind === "error") this.#over ??= event;
    else this.#events.push(event);
    this.#wake?.();
    this.#wake = null;
  }
}
