/**
 * The seam: what a byte stream is to the code above it. A runtime's socket, a TLS session and the
 * in-memory stream of the tests all look like this, and one contract suite runs over each.
 *
 * It pushes. Node pushes by nature and pulling costs there up to a third on small messages; on
 * Deno a read loop does the pushing. Pull, iteration and web streams stand on push and pause
 * (`read_queue.ts`); one queue above the seam (`write_queue.ts`) gives order, joining and
 * back-pressure, so a stream only ever has a single write at work.
 *
 * Buffers: who receives a chunk owns it. Who writes a chunk leaves it alone until it is answered.
 *
 * Calls into a sink never come from within a call to the stream, except that `pause()` may be
 * followed by one more chunk that was already on its way.
 *
 * @module
 */

import type { SocketAddress } from "../_core/address.ts";
import type { NetError } from "../_core/errors.ts";

/** What a stream tells. Every call comes in its own turn, in the order in which things happened. */
export interface StreamSink {
  /**
   * Whether a chunk is used up when `onData` returns, so that the stream may read into the same
   * buffer again: engines that parse in place, or who drops what comes. May change at any time.
   */
  readonly borrows: boolean;
  /** Bytes came in, never zero of them. The chunk is the receiver's. */
  onData(chunk: Uint8Array): void;
  /** The peer has ended its side; no data follows. */
  onEnd(): void;
  /** The system took `count` bytes of the chunk at work: all of them, or fewer (short write). */
  onWritten(count: number): void;
  /** Our end of stream (FIN) has been handed to the system. */
  onFinish(): void;
  /** The last call: the stream is closed and its descriptor released; with what failed, if so. */
  onClose(error: NetError | null): void;
}

/** A byte stream in both directions, connected, with half-close. */
export interface ByteStream {
  /** Our end, where the system tells. */
  readonly localAddress: SocketAddress | undefined;
  /** The peer's end, where the system tells. */
  readonly remoteAddress: SocketAddress | undefined;
  /** Whether chunks are the receiver's even where it borrows, since they are never read into again. */
  readonly givesChunks?: boolean;
  /**
   * Names who is told. Comes first; the stream starts paused. Coming again, while it is paused and no
   * write is at work, it hands the stream over to another.
   */
  attach(sink: StreamSink): void;
  /** Lets data come. */
  resume(): void;
  /** Stops data; a peer that keeps sending meets back-pressure. */
  pause(): void;
  /**
   * Takes a chunk back that this stream gave and that nobody uses any more, to read into it again:
   * fresh memory costs more than moving the bytes. A stream may as well let it go.
   */
  recycle(chunk: Uint8Array): void;
  /** Writes a chunk of one byte or more, when no other write is at work; `onWritten` answers. */
  write(chunk: Uint8Array): void;
  /**
   * As `write()`, for a text of ASCII letters: making bytes of a small message can cost more than
   * writing them. It is written whole, and `onWritten` counts its letters.
   */
  writeText?(text: string): void;
  /** Ends our side, when no write is at work; `onFinish` answers. Reading goes on. */
  end(): void;
  /** Gives the stream up at once; what is at work is lost. `onClose(null)` answers. */
  close(): void;
  /** As `close()`, with an RST to the peer where the runtime can. */
  reset(): void;
  /** Turns Nagle's algorithm off (true) or on. */
  setNoDelay(on: boolean): void;
  /** Turns the system's keep-alive probes on or off, the first after `delay` ms of silence. */
  setKeepAlive(on: boolean, delay: number): void;
  /** Lets what is at work hold the process (the default). */
  ref(): void;
  /** Lets the process end although the stream is open. */
  unref(): void;
}

/** Why a listener let a connection go before anybody got it. */
export interface DropInfo {
  /**
   * `maxConnections`, `backlog` (nobody takes the accepted sockets), `closing`, or the system's
   * code, such as `EMFILE` when the process ran out of descriptors.
   */
  readonly reason: string;
  /** Our end, where known. */
  readonly localAddress?: SocketAddress | undefined;
  /** The client's end, where known. */
  readonly remoteAddress?: SocketAddress | undefined;
}

/** What a listener tells. */
export interface ListenerSink {
  /** A client has connected. Nobody is attached to its stream yet. */
  onConnection(stream: ByteStream): void;
  /** The system let a client go, or could not accept. */
  onDrop(info: DropInfo): void;
}

/** A socket that accepts connections. It survives every failure but its own close. */
export interface Listener {
  /** Where it listens. */
  readonly address: SocketAddress;
  /** Stops; resolves when the address is free again. */
  close(): Promise<void>;
  /** Lets it hold the process (the default). */
  ref(): void;
  /** Lets the process end although it listens. */
  unref(): void;
}
