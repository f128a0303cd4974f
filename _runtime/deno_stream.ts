/**
 * A byte stream over a `Deno.Conn`: a read loop that pushes, and single writes.
 *
 * Deno has no "wait until readable": a pending read holds a buffer. So it reads into a small
 * buffer while little comes, into a large one while much comes. What fills at most half of a large
 * one is copied out, so that what a receiver keeps is never much larger than the bytes in it.
 *
 * @module
 */

import { type SocketAddress, tcpAddress } from "../_core/address.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { nextTurn, systemClock } from "./clock.ts";
import { type Attempt, mapError } from "./map_error.ts";
import { ReadPieces } from "./read_pieces.ts";

/** What an idle connection holds: most requests, and bursts of small messages, fit in. */
const SMALL_READ = 2 * 1024;
const smallPieces = new ReadPieces(SMALL_READ);
/** The same for one that was handed over: WebSockets are many, and silent for most of the time. */
const tinyPieces = new ReadPieces(512);
/** What it tries when that was full: a single message of just that size shall not cost more. */
const MIDDLE_READ = 8 * 1024;
/** What a busy one reads at a time; larger reads gain little, and a receiver may keep them. */
const LARGE_READ = 64 * 1024;

/** Full reads before the others have a turn: Deno answers many reads without one. */
const READS_IN_A_TURN = 16;

/** Time in ms for what came in before a write failed: a peer that is gone has sent it already. */
const LAST_READS = 100;

/**
 * Large buffers that nobody uses: fresh memory for each read costs more than moving the bytes.
 * Bounded, and shared by all connections, so that none of them pins one while it idles.
 */
const spares: ArrayBufferLike[] = [];
const MOST_SPARES = 16;

function largeBuffer(): Uint8Array {
  const spare = spares.pop();
  return spare === undefined ? new Uint8Array(LARGE_READ) : new Uint8Array(spare);
}

function giveBack(buffer: ArrayBufferLike): void {
  // A buffer that was transferred away is empty.
  if (buffer.byteLength !== LARGE_READ || spares.length >= MOST_SPARES) return;
  if (!spares.includes(buffer)) spares.push(buffer);
}

/**
 * Connections that keep their large buffer, because more than fits into a small one came at a time.
 * So many may: should they all fall silent, that is what they hold.
 */
let keepers = 0;
const MOST_KEEPERS = 64;

/** Texts up to so many letters are encoded into a buffer that is used again: most heads are. */
const MOST_LETTERS = 4 * 1024;
/** Buffers for texts that nobody uses; each takes `MOST_LETTERS` ASCII letters. */
const desks: Uint8Array<ArrayBuffer>[] = [];
const MOST_DESKS = 64;

/** The last text, and its bytes once it came twice: some servers say the same over and over. */
const again: { text: string; bytes: Uint8Array | null } = { text: "", bytes: null };

const encoder = new TextEncoder();

/** The connections that Deno gives, with what only some of them have. */
type Conn = Deno.Conn & Partial<Pick<Deno.TcpConn, "setNoDelay" | "setKeepAlive">>;

/** The address of one end of a Deno socket. */
export function denoAddress(address: Deno.Addr): SocketAddress {
  if (address.transport === "tcp" || address.transport === "udp") {
    return tcpAddress(address.hostname, address.port);
  }
  return { transport: "unix", path: (address as Deno.UnixAddr).path || null };
}

/** See the module's text. */
export class DenoStream implements ByteStream {
  readonly #conn: Conn;
  #sink: StreamSink | null = null;
  #flowing = false;
  #looping = false;
  #untouched = true;
  #small: Uint8Array | null = null;
  /** Where the small buffer comes from. */
  #pieces = smallPieces;
  #kept: Uint8Array | null = null;
  /** What was lent of the small buffer last. */
  #view: Uint8Array | null = null;
  #readSize = SMALL_READ;
  #reading = false;
  #sawEnd = false;
  /** The text at work: what is left of its bytes, where they lie, and how many there were. */
  #unsent: Uint8Array | null = null;
  #desk: Uint8Array<ArrayBuffer> | null = null;
  #letters = 0;
  #writeFailure: NetError | null = null;
  #cancelLastReads: (() => void) | null = null;
  /** What could not be set while reads and writes held the socket. */
  #postponed: (() => void)[] | null = null;
  #closed = false;
  #local: SocketAddress | undefined;
  #remote: SocketAddress | undefined;

  /** Takes over a connection. */
  constructor(conn: Conn) {
    this.#conn = conn;
  }

  get localAddress(): SocketAddress | undefined {
    return this.#local ??= denoAddress(this.#conn.localAddr);
  }

  get remoteAddress(): SocketAddress | undefined {
    return this.#remote ??= denoAddress(this.#conn.remoteAddr);
  }

  attach(sink: StreamSink): void {
    if (this.#sink !== null && !this.#reading) this.#pieces = tinyPieces;
    this.#sink = sink;
  }

  /**
   * The connection, for another to take over, if nothing was ever read: Deno destroys one that is
   * given to TLS while a read is pending, and a read cannot be called off. The stream is of no use
   * from then on.
   */
  release(): Deno.Conn | null {
    return this.#untouched && !this.#closed ? this.#conn : null;
  }

  resume(): void {
    this.#flowing = true;
    if (!this.#looping && !this.#closed && !this.#sawEnd) this.#readLoop();
  }

  pause(): void {
    this.#flowing = false;
  }

  recycle(chunk: Uint8Array): void {
    giveBack(chunk.buffer);
  }

  write(chunk: Uint8Array): void {
    this.#conn.write(chunk).then(this.#written, this.#notWritten);
  }

  writeText(text: string): void {
    this.#letters = text.length;
    if (text === again.text) {
      this.#unsent = again.bytes ??= encoder.encode(text);
    } else if (text.length > MOST_LETTERS) {
      this.#unsent = encoder.encode(text);
    } else {
      again.text = text;
      again.bytes = null;
      const desk = this.#desk = desks.pop() ?? new Uint8Array(MOST_LETTERS);
      encoder.encodeInto(text, desk);
      this.#unsent = desk.subarray(0, text.length);
    }
    this.write(this.#unsent);
  }

  // Closures of the instance: an async method would cost a promise more for each write.
  readonly #written = (count: number): void => {
    if (this.#closed) return;
    if (this.#postponed !== null) this.#setPostponed(this.#postponed);
    if (this.#unsent === null) this.#sink!.onWritten(count);
    else this.#wroteText(this.#unsent, count);
  };
  readonly #notWritten = (error: unknown): void => this.#writeFailed(error, "write");

  /** Nobody above has the bytes of a text: what a short write left is sent from here. */
  #wroteText(unsent: Uint8Array, count: number): void {
    if (count < unsent.length) {
      this.#unsent = unsent.subarray(count);
      return this.write(this.#unsent);
    }
    this.#unsent = null;
    if (this.#desk !== null && desks.length < MOST_DESKS) desks.push(this.#desk);
    this.#desk = null;
    this.#sink!.onWritten(this.#letters);
  }

  #setPostponed(postponed: (() => void)[]): void {
    this.#postponed = null;
    for (const setting of postponed) this.#set(setting);
  }

  async end(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      return this.#writeFailed(error, "shutdown");
    }
    if (!this.#closed) this.#sink!.onFinish();
  }

  close(): void {
    if (this.#closed) return;
    this.#release();
    queueMicrotask(() => this.#sink?.onClose(null));
  }

  /** Deno offers no way to an RST: this is the nearest. */
  reset(): void {
    this.close();
  }

  setNoDelay(on: boolean): void {
    this.#set(() => this.#conn.setNoDelay?.(on));
  }

  setKeepAlive(on: boolean, _delay: number): void {
    this.#set(() => this.#conn.setKeepAlive?.(on));
  }

  /** Deno cannot set anything while both a read and a write are pending. */
  #set(setting: () => void): void {
    if (this.#closed) return;
    try {
      setting();
    } catch {
      (this.#postponed ??= []).push(setting);
    }
  }

  ref(): void {
    if (!this.#closed) this.#conn.ref();
  }

  unref(): void {
    if (!this.#closed) this.#conn.unref();
  }

  async #readLoop(): Promise<void> {
    this.#looping = true;
    this.#untouched = false;
    let full = 0;
    try {
      while (this.#flowing && !this.#closed) {
        const buffer = this.#buffer();
        this.#reading = true;
        const count = await this.#conn.read(buffer);
        this.#reading = false;
        if (this.#closed) return;
        if (count === null) return this.#ended();
        this.#deliver(buffer, count);
        // Whoever else has got something in this turn comes first. What answers our write may be there
        // by then: a read that finds nothing costs another call of the system.
        await null;
        full = count === buffer.length ? full + 1 : 0;
        if (full % READS_IN_A_TURN === READS_IN_A_TURN - 1) await nextTurn();
      }
      if (this.#writeFailure !== null) this.#failed(this.#writeFailure);
    } catch (error) {
      this.#failed(this.#writeFailure ?? mapError(error, this.#attempt("read")));
    } finally {
      this.#looping = false;
      this.#reading = false;
      this.#giveSmall();
    }
  }

  #buffer(): Uint8Array {
    if (this.#kept !== null) return this.#kept;
    if (this.#readSize === LARGE_READ) return largeBuffer();
    if (this.#readSize === MIDDLE_READ) return new Uint8Array(MIDDLE_READ);
    if (this.#small !== null && this.#small.length !== this.#pieces.size) this.#giveSmall();
    return this.#small ??= this.#pieces.take();
  }

  /** No read uses the small buffer. */
  #giveSmall(): void {
    if (this.#small === null) return;
    (this.#small.length === SMALL_READ ? smallPieces : tinyPieces).give(this.#small);
    this.#small = this.#view = null;
  }

  #deliver(buffer: Uint8Array, count: number): void {
    const sink = this.#sink!;
    if (count === buffer.length) {
      this.#pieces = smallPieces;
      // Who borrows takes no harm from a larger step: those buffers are used again.
      const isSmall = this.#readSize === SMALL_READ && !sink.borrows;
      this.#readSize = isSmall ? MIDDLE_READ : LARGE_READ;
    } else {
      // A partial read means that the system's buffer is empty now: the next read may have to
      // wait long, and only some shall hold a large buffer meanwhile.
      this.#readSize = SMALL_READ;
    }
    if (sink.borrows) {
      sink.onData(buffer === this.#small ? this.#lent(buffer, count) : buffer.subarray(0, count));
      if (buffer !== this.#small) this.#keepOrGive(buffer, count);
    } else if (buffer === this.#small) {
      sink.onData(buffer.slice(0, count));
    } else if (count <= buffer.length / 2) {
      sink.onData(buffer.slice(0, count));
      this.#keepOrGive(buffer, count);
    } else {
      this.#forgetKept();
      sink.onData(count === buffer.length ? buffer : buffer.subarray(0, count));
    }
  }

  /** Messages are often as long as the one before: one view of the small buffer serves them. */
  #lent(small: Uint8Array, count: number): Uint8Array {
    if (this.#view?.length !== count) this.#view = small.subarray(0, count);
    return this.#view;
  }

  /** A large buffer was used up: as much as before may come next. */
  #keepOrGive(buffer: Uint8Array, count: number): void {
    if (this.#closed || count <= SMALL_READ || buffer.length !== LARGE_READ) {
      this.#forgetKept();
      giveBack(buffer.buffer);
    } else if (this.#kept === null) {
      if (keepers === MOST_KEEPERS) return giveBack(buffer.buffer);
      keepers += 1;
      this.#kept = buffer;
    }
  }

  #forgetKept(): void {
    if (this.#kept === null) return;
    keepers -= 1;
    this.#kept = null;
  }

  #ended(): void {
    this.#sawEnd = true;
    // After a failed write the peer is gone, though its FIN was read first.
    if (this.#writeFailure !== null) this.#failed(this.#writeFailure);
    else this.#sink!.onEnd();
  }

  #writeFailed(error: unknown, syscall: string): void {
    if (this.#closed) return;
    const failure = mapError(error, this.#attempt(syscall));
    if (!this.#reading) return this.#failed(failure);
    // What the peer sent before it went is still to be read: the pending read ends soon, unless
    // the peer only stopped to receive, as a Unix socket can.
    this.#writeFailure = failure;
    this.#cancelLastReads = systemClock.schedule(() => this.#failed(failure), LAST_READS);
  }

  #failed(error: NetError): void {
    if (this.#closed) return;
    this.#release();
    this.#sink?.onClose(error);
  }

  #release(): void {
    this.#closed = true;
    this.#flowing = false;
    this.#forgetKept();
    this.#cancelLastReads?.();
    try {
      this.#conn.close();
    } catch {
      // Closed below already, as after a failed startTls.
    }
  }

  #attempt(syscall: string): Attempt {
    const remote = this.remoteAddress;
    if (remote?.transport !== "tcp") return { syscall, address: remote?.path ?? undefined };
    return { syscall, address: remote.address, port: remote.port };
  }
}
