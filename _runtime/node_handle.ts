/**
 * The handle below a `net.Socket` of Node. The socket reads each chunk into fresh memory and puts it
 * into a queue, and has a second queue for what goes out; both cost more than a small message. Who
 * uses up at once what comes in, and has one write at work at a time, needs neither.
 *
 * Most of what it takes is not public in Node: where a version lacks something, and in other
 * runtimes, the answer is no, and the socket does it all.
 *
 * @module
 */

import { Socket } from "node:net";

/** A write at work, as Node's own code makes it. */
interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  handle: WritingHandle;
  /** What is written, kept for as long as the system may read it. */
  buffer: Uint8Array | null;
  writer: Writer | null;
}

/** What is used of a handle. */
export interface WritingHandle {
  useUserBuffer(buffer: Uint8Array): void;
  writeBuffer(request: WriteRequest, chunk: Uint8Array): number;
  writeLatin1String(request: WriteRequest, text: string): number;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

interface Binding extends StreamBinding {
  /** The name of a system error, as `node:util` has it, whose loading takes 1.4 ms. */
  readonly errname: (status: number) => string;
}

/** Who has a write at work. */
export interface Writer {
  /** All of it was taken, some time after the call that began it. */
  writeDone(): void;
  /** It failed. */
  writeFailed(error: Error): void;
}

type OnRead = (this: Socket, count: number) => boolean;

/** How much is read at a time, as Node does. */
const READ_SIZE = 64 * 1024;

const NAMES = ["kBuffer", "kBufferCb", "kBufferGen"] as const;

function findBinding(): Binding | null {
  try {
    const { binding } = process as { binding?: (name: string) => Partial<Binding> };
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding?.("stream_wrap") ?? {};
    const { errname } = binding?.("uv") ?? {};
    if (typeof WriteWrap !== "function" || !(streamBaseState instanceof Int32Array)) return null;
    if (kLastWriteWasAsync === undefined || typeof errname !== "function") return null;
    return { WriteWrap, streamBaseState, kLastWriteWasAsync, errname };
  } catch {
    return null;
  }
}

/** The properties by which a socket knows that its buffer is its user's (option `onread`). */
function findKeys(): Record<typeof NAMES[number], symbol> | null {
  const keys = Object.getOwnPropertySymbols(new Socket());
  const found = NAMES.map((name) => keys.find(({ description }) => description === name));
  const [kBuffer, kBufferCb, kBufferGen] = found;
  if (kBuffer === undefined || kBufferCb === undefined || kBufferGen === undefined) return null;
  return { kBuffer, kBufferCb, kBufferGen };
}

// The global: the module `node:process` would load all that hangs on it, which takes 3 ms.
const isNode = process.versions["deno"] === undefined && process.versions["bun"] === undefined;
const binding = isNode ? findBinding() : null;
const keys = isNode ? findKeys() : null;

/** What the sockets that use up at once what comes in read into: none of it outlives the call. */
let shared: Uint8Array | null = null;

/** The handle of a TCP or Unix socket, with all that is needed here; else null. */
export function handleOf(socket: Socket): WritingHandle | null {
  const { _handle: handle } = socket as Socket & { _handle?: WritingHandle | null };
  if (binding === null || handle === null || handle === undefined) return null;
  const { name } = handle.constructor;
  if (name !== "TCP" && name !== "Pipe") return null;
  const isWhole = typeof handle.useUserBuffer === "function" &&
    typeof handle.writeBuffer === "function" && typeof handle.writeLatin1String === "function";
  return isWhole ? handle : null;
}

/**
 * Lets a socket read into memory that many share, from now on and for good. Gives that memory;
 * `onRead` is told how many bytes of it came, and that they are gone when it returns. Null where it
 * cannot be had, or something was read already.
 */
export function readShared(socket: Socket, onRead: OnRead): Uint8Array | null {
  const handle = keys === null || socket.readableLength > 0 ? null : handleOf(socket);
  if (keys === null || handle === null) return null;
  shared ??= new Uint8Array(READ_SIZE);
  handle.useUserBuffer(shared);
  Object.assign(socket, { [keys.kBuffer]: shared, [keys.kBufferCb]: onRead });
  return shared;
}

/** Ends that, for a socket whose handle somebody else reads from now on. */
export function endReadShared(socket: Socket): void {
  if (keys !== null) Object.assign(socket, { [keys.kBuffer]: null, [keys.kBufferCb]: null });
}

/** Writers whose write was done at once, to be told in a moment. */
let done: Writer[] = [];

function tellDone(): void {
  const told = done;
  done = [];
  for (const writer of told) writer.writeDone();
}

function onComplete(this: WriteRequest, status: number): void {
  const { writer } = this;
  this.writer = this.buffer = null;
  if (status >= 0) return writer?.writeDone();
  const code = binding!.errname(status);
  const error = Object.assign(new Error(`Cannot write: ${code}`), { errno: status, code });
  writer?.writeFailed(Object.assign(error, { syscall: "write" }));
}

/**
 * Writes a chunk, or a text of one letter a byte, past the queue of a socket; `writer` is told in a
 * moment. False when the system refused: nothing was begun then.
 */
export function writeByHandle(
  handle: WritingHandle,
  data: Uint8Array | string,
  writer: Writer,
): boolean {
  const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding!;
  const request = new WriteWrap();
  request.oncomplete = onComplete;
  request.handle = handle;
  request.writer = writer;
  let failed: number;
  if (typeof data === "string") {
    request.buffer = null;
    failed = handle.writeLatin1String(request, data);
  } else {
    request.buffer = data;
    failed = handle.writeBuffer(request, data);
  }
  if (failed !== 0) return false;
  if (streamBaseState[kLastWriteWasAsync] === 0) {
    request.writer = null;
    // Nobody is answered within his own call.
    if (done.push(writer) === 1) process.nextTick(tellDone);
  }
  return true;
}
