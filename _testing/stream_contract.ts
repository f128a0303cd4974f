/**
 * What every byte stream has to do, whatever it stands on: one suite over the in-memory stream,
 * Deno's sockets and Node's.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { pattern } from "./pattern.ts";

/** A sink that writes down what it is told, and can be waited on. */
export class RecordingSink implements StreamSink {
  /** What was told, with data summed up. */
  readonly log: string[] = [];
  /** The chunks. */
  readonly chunks: Uint8Array[] = [];
  /** Bytes that came in. */
  received = 0;
  /** Bytes that the system took. */
  written = 0;
  /** The error that the stream closed with. */
  error: NetError | null = null;
  readonly borrows = false;
  #waits: { test: () => boolean; resolve: () => void }[] = [];

  onData(chunk: Uint8Array): void {
    assert(chunk.length > 0, "An empty chunk");
    assertEquals(Object.getPrototypeOf(chunk), Uint8Array.prototype);
    this.chunks.push(chunk);
    this.received += chunk.length;
    this.#tell("data");
  }

  onEnd(): void {
    this.#tell("end");
  }

  onWritten(count: number): void {
    assert(count > 0, "Nothing was written");
    this.written += count;
    this.#tell("written");
  }

  onFinish(): void {
    this.#tell("finish");
  }

  onClose(error: NetError | null): void {
    this.error = error;
    this.#tell("close");
  }

  /** Resolves when something holds. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ test, resolve }));
  }

  /** Resolves when something was told. */
  saw(what: string): Promise<void> {
    return this.until(() => this.log.includes(what));
  }

  #tell(what: string): void {
    assert(!this.log.includes("close"), `${what} after close`);
    if (this.log.at(-1) !== what) this.log.push(what);
    const ready = this.#waits.filter(({ test }) => test());
    this.#waits = this.#waits.filter((wait) => !ready.includes(wait));
    for (const { resolve } of ready) resolve();
  }
}

/** Two connected streams with their sinks. */
export interface StreamPair {
  /** One end. */
  readonly a: ByteStream;
  /** The other end. */
  readonly b: ByteStream;
  /** What the one end tells. */
  readonly atA: RecordingSink;
  /** What the other end tells. */
  readonly atB: RecordingSink;
}

/** Attaches sinks to two connected streams. */
export function withSinks(a: ByteStream, b: ByteStream): StreamPair {
  const atA = new RecordingSink();
  const atB = new RecordingSink();
  a.attach(atA);
  b.attach(atB);
  return { a, b, atA, atB };
}

/** Writes all of a chunk, however few bytes each write takes. */
async function writeAll(stream: ByteStream, sink: RecordingSink, bytes: Uint8Array): Promise<void> {
  const start = sink.written;
  for (let done = 0; done < bytes.length; done = sink.written - start) {
    const before = sink.written;
    stream.write(bytes.subarray(done));
    await sink.until(() => sink.written > before || sink.log.includes("close"));
    if (sink.log.includes("close")) return;
  }
}

async function closeBoth({ a, b, atA, atB }: StreamPair): Promise<void> {
  a.close();
  b.close();
  await Promise.all([atA.saw("close"), atB.saw("close")]);
}

/** The rules, by name. Each gets a fresh pair and leaves it closed. */
export const STREAM_CONTRACT: Readonly<Record<string, (pair: StreamPair) => Promise<void>>> = {
  async "tells both ends of both addresses"(pair) {
    assertEquals(pair.a.localAddress, pair.b.remoteAddress);
    assertEquals(pair.b.localAddress, pair.a.remoteAddress);
    await closeBoth(pair);
  },

  async "moves bytes whole and in order, with short writes told"(pair) {
    const { a, b, atA, atB } = pair;
    const bytes = pattern(3_000_000);
    b.resume();
    await writeAll(a, atA, bytes);
    await atB.until(() => atB.received === bytes.length);
    assertEquals(atA.written, bytes.length);
    assert(concat(atB.chunks).every((byte, index) => byte === bytes[index]));
    await closeBoth(pair);
  },

  async "gives nothing before resume() and at most a chunk after pause()"(pair) {
    const { a, b, atA, atB } = pair;
    await writeAll(a, atA, pattern(10));
    assertEquals(atB.log, []);
    b.resume();
    await atB.saw("data");
    b.pause();
    await writeAll(a, atA, pattern(10));
    await writeAll(a, atA, pattern(10));
    const { chunks } = atB;
    assert(chunks.length <= 2, `${chunks.length} chunks`);
    b.resume();
    await atB.until(() => atB.received === 30);
    await closeBoth(pair);
  },

  async "gives chunks that the receiver may keep"(pair) {
    const { a, b, atA, atB } = pair;
    b.resume();
    for (let round = 0; round < 20; round++) {
      await writeAll(a, atA, pattern(10, round * 10));
      await atB.until(() => atB.received === (round + 1) * 10);
    }
    assertEquals(concat(atB.chunks), pattern(200));
    const kept = new Set(atB.chunks.map((chunk) => chunk.buffer));
    const bytes = [...kept].reduce((sum, buffer) => sum + buffer.byteLength, 0);
    assert(bytes <= 32 * 1024, `200 bytes pin ${bytes}`);
    await closeBoth(pair);
  },

  async "ends one side and keeps the other open"(pair) {
    const { a, b, atA, atB } = pair;
    a.resume();
    b.resume();
    await writeAll(a, atA, pattern(5));
    a.end();
    await Promise.all([atA.saw("finish"), atB.saw("end")]);
    assertEquals(atB.log, ["data", "end"]);
    await writeAll(b, atB, pattern(100_000));
    b.end();
    await Promise.all([atA.saw("end"), atB.saw("finish")]);
    assertEquals(atA.received, 100_000);
    await closeBoth(pair);
    assertEquals([atA.error, atB.error], [null, null]);
  },

  async "answers close() once, without an error"(pair) {
    const { a, b, atA, atB } = pair;
    b.resume();
    a.close();
    a.close();
    assertEquals(atA.log, []);
    await Promise.all([atA.saw("close"), atB.saw("end")]);
    assertEquals(atA.error, null);
    b.close();
    await atB.saw("close");
    assertEquals(atB.log, ["end", "close"]);
  },

  async "tells of a peer that closes over unread bytes"(pair) {
    const { a, b, atA, atB } = pair;
    a.resume();
    await writeAll(a, atA, pattern(1000));
    b.close();
    await atB.saw("close");
    // A reset, or an end and then a reset: Deno ends its side before it closes.
    await atA.until(() => atA.log.includes("end") || atA.log.includes("close"));
    if (atA.log.includes("close")) assertEquals(atA.error?.code, "ECONNRESET");
    a.close();
    await atA.saw("close");
  },

  async "answers nothing for a write that close() cut off"(pair) {
    const { a, b, atA, atB } = pair;
    a.write(pattern(64 * 1024 * 1024));
    a.close();
    await atA.saw("close");
    assertEquals(atA.log, ["close"]);
    b.resume();
    await atB.until(() => atB.log.includes("end") || atB.log.includes("close"));
    b.close();
    await atB.saw("close");
  },

  async "fails a write when the peer is gone"(pair) {
    const { a, b, atA, atB } = pair;
    b.close();
    await atB.saw("close");
    for (let tries = 0; tries < 50 && !atA.log.includes("close"); tries++) {
      await writeAll(a, atA, pattern(1000));
    }
    await atA.saw("close");
    assert(["EPIPE", "ECONNRESET"].includes(atA.error?.code ?? ""), atA.error?.code);
  },
};
