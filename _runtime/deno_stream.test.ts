import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { Deferred } from "../_core/deferred.ts";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink, STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { denoAddress, DenoStream } from "./deno_stream.ts";

/** Two connected sockets of Deno; the listener is closed. */
async function connectedPair(
  options: Deno.TcpListenOptions | (Deno.UnixListenOptions & { transport: "unix" }),
): Promise<[Deno.Conn, Deno.Conn]> {
  const listener: Deno.Listener = "path" in options ? Deno.listen(options) : Deno.listen(options);
  const { addr } = listener;
  const connecting: Promise<Deno.Conn> = addr.transport === "tcp"
    ? Deno.connect({ hostname: addr.hostname, port: addr.port })
    : Deno.connect({ transport: "unix", path: (addr as Deno.UnixAddr).path });
  const pair = await Promise.all([connecting, listener.accept()]);
  listener.close();
  return pair;
}

/** A connection that answers reads and writes when the test says so. */
class FakeConn {
  readonly localAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "::1", port: 2 };
  readonly calls: string[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly written: Uint8Array[] = [];
  #read: Deferred<number | null> | null = null;
  writing: Deferred<number> = new Deferred();
  ending: Deferred<void> = new Deferred();

  read(buffer: Uint8Array): Promise<number | null> {
    this.calls.push(`read(${buffer.length})`);
    this.buffers.push(buffer);
    this.#read = new Deferred();
    return this.#read.promise;
  }

  write(chunk: Uint8Array): Promise<number> {
    this.calls.push(`write(${chunk.length})`);
    this.written.push(chunk);
    this.writing = new Deferred();
    return this.writing.promise;
  }

  closeWrite(): Promise<void> {
    return this.ending.promise;
  }

  close(): void {
    this.calls.push("close");
    this.#read?.reject(new Deno.errors.Interrupted("Closed"));
  }

  ref(): void {
    this.calls.push("ref");
  }

  unref(): void {
    this.calls.push("unref");
  }

  /** Ends the read at work with so many bytes, the first of them `first`; null is the end. */
  async gives(count: number | null, first = 0): Promise<void> {
    this.buffers.at(-1)![0] = first;
    this.#read?.resolve(count);
    await setImmediate();
  }

  /** Fails the read at work. */
  async fails(error: Error): Promise<void> {
    this.#read?.reject(error);
    await setImmediate();
  }

  get reads(): string[] {
    return this.calls.filter((call) => call.startsWith("read"));
  }
}

function fakeStream(sink: RecordingSink = new RecordingSink()) {
  const conn = new FakeConn();
  const stream = new DenoStream(conn as unknown as Deno.Conn);
  stream.attach(sink);
  return { conn, stream, sink };
}

function reset(): Error {
  return Object.assign(new Deno.errors.ConnectionReset("Gone"), { code: "ECONNRESET" });
}

Deno.test("DenoStream keeps the contract of streams when it stands on TCP or a Unix socket", async (t) => {
  const folder = await Deno.makeTempDir();
  const places = {
    tcp4: { hostname: "127.0.0.1", port: 0 },
    tcp6: { hostname: "::1", port: 0 },
    unix: { transport: "unix", path: `${folder}/socket` },
  } as const;
  for (const [place, options] of Object.entries(places)) {
    for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
      await t.step(`${rule} (${place})`, async () => {
        const [a, b] = await connectedPair(options);
        await check(withSinks(new DenoStream(a), new DenoStream(b)));
      });
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("denoAddress() gives our shape of an address when it is of TCP or a Unix socket", () => {
  const tcp = { transport: "tcp", hostname: "::ffff:127.0.0.1", port: 5 } as const;
  assertEquals(denoAddress(tcp), {
    transport: "tcp",
    address: "127.0.0.1",
    family: "IPv4",
    port: 5,
  });
  assertEquals(denoAddress({ transport: "unix", path: "/a" }), { transport: "unix", path: "/a" });
  assertEquals(denoAddress({ transport: "unix", path: "" }), { transport: "unix", path: null });
});

/** Fills the reads until the stream asks for a large one. */
async function growLarge(conn: ReturnType<typeof fakeStream>["conn"]): Promise<void> {
  while (conn.buffers.at(-1)!.length < 64 * 1024) await conn.gives(conn.buffers.at(-1)!.length);
}

Deno.test("DenoStream reads into a small buffer when little comes, into a large one when much comes", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  const small = conn.buffers[0]!.length;
  assert(small <= 4096, `${small} bytes for an idle connection`);
  await conn.gives(10);
  assertEquals(conn.buffers[1]!.length, small);
  await conn.gives(small);
  const middle = conn.buffers[2]!.length;
  assert(middle <= 16 * 1024, `${middle} bytes for one that got a single full read`);
  await conn.gives(middle);
  const large = conn.buffers[3]!.length;
  assertEquals(large, 64 * 1024);
  await conn.gives(large);
  assertEquals(conn.buffers[4]!.length, large);
  await conn.gives(large - 1);
  assertEquals(conn.buffers[5]!.length, small);
  assertEquals(sink.received, 10 + small + middle + large + large - 1);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream gives chunks of their own when the receiver keeps them", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  const size = conn.buffers[0]!.length;
  for (const [index, count] of [10, size / 2, size / 2 + 1, size, 3].entries()) {
    await conn.gives(count, index + 1);
  }
  assertEquals(sink.chunks.map((chunk) => chunk[0]), [1, 2, 3, 4, 5]);
  for (const chunk of sink.chunks) {
    assert(
      chunk.length * 2 >= chunk.buffer.byteLength,
      `${chunk.length} bytes pin more than twice`,
    );
  }
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream reads into one buffer again and again when the receiver borrows", async () => {
  const { conn, stream, sink } = fakeStream(Object.assign(new RecordingSink(), { borrows: true }));
  stream.resume();
  const size = conn.buffers[0]!.length;
  for (const count of [size - 1, 10, size - 5]) await conn.gives(count);
  assertEquals(new Set(conn.buffers).size, 1);
  assertEquals(sink.received, 2 * size + 4);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream keeps its large buffer when much comes at a time, until little comes", async () => {
  const { conn, stream, sink } = fakeStream(Object.assign(new RecordingSink(), { borrows: true }));
  stream.resume();
  const small = conn.buffers[0]!.length;
  for (const count of [small, 10_000, 64 * 1024, 20_000, 5, 5]) await conn.gives(count);
  const sizes = conn.buffers.map(({ length }) => length);
  const large = 64 * 1024;
  assertEquals(sizes, [small, large, large, large, large, small, small]);
  assertEquals(new Set(conn.buffers.slice(2, 5)).size, 1);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream keeps no large buffer when as many connections keep one as may", async () => {
  const busy = Array.from({ length: 65 }, () => {
    return fakeStream(Object.assign(new RecordingSink(), { borrows: true }));
  });
  for (const { conn, stream } of busy) {
    stream.resume();
    await conn.gives(conn.buffers[0]!.length);
    await conn.gives(10_000);
  }
  const waitingWith = () => busy.map(({ conn }) => conn.buffers.at(-1)!.length);
  assertEquals(waitingWith().filter((size) => size === 64 * 1024).length, 64);
  assertEquals(waitingWith().at(-1)! <= 4096, true);
  const { conn, stream } = busy.pop()!;
  busy[0]!.stream.close();
  await conn.gives(conn.buffers.at(-1)!.length);
  await conn.gives(10_000);
  assertEquals(conn.buffers.at(-1)!.length, 64 * 1024);
  stream.close();
  for (const { stream } of busy) stream.close();
  await Promise.all(busy.map(({ sink }) => sink.saw("close")));
});

Deno.test("DenoStream reads once at a time when it is paused and resumed while a read waits", async () => {
  const { conn, stream, sink } = fakeStream();
  assertEquals(conn.reads.length, 0);
  stream.resume();
  stream.resume();
  stream.pause();
  stream.resume();
  assertEquals(conn.reads.length, 1);
  stream.pause();
  await conn.gives(5);
  assertEquals([sink.received, conn.reads.length], [5, 1]);
  stream.resume();
  assertEquals(conn.reads.length, 2);
  await conn.gives(null);
  stream.resume();
  assertEquals([conn.reads.length, sink.log], [2, ["data", "end"]]);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream reads on after the others that have got something in the same turn", async () => {
  const [a, b] = [fakeStream(), fakeStream()];
  a.stream.resume();
  b.stream.resume();
  const reads: number[] = [];
  b.sink.onData = () => reads.push(a.conn.reads.length);
  await Promise.all([a.conn.gives(1), b.conn.gives(1)]);
  assertEquals([reads, a.conn.reads.length, b.conn.reads.length], [[1], 2, 2]);
  a.stream.close();
  b.stream.close();
  await a.sink.saw("close");
  await b.sink.saw("close");
});

Deno.test("DenoStream writeText() sends a text whole when the system takes a part", async () => {
  for (const text of ["short text", "long text".repeat(1_000)]) {
    const { conn, stream, sink } = fakeStream();
    stream.writeText(text);
    conn.writing.resolve(4);
    await setImmediate();
    assertEquals(sink.written, 0);
    const sent = concat([conn.written[0]!.subarray(0, 4), conn.written[1]!]);
    assertEquals(new TextDecoder().decode(sent), text);
    conn.writing.resolve(text.length - 4);
    await setImmediate();
    assertEquals([sink.written, conn.written.length], [text.length, 2]);
    stream.close();
    await sink.saw("close");
  }
});

Deno.test("DenoStream writeText() sends the bytes of each text when one comes again and again", async () => {
  const { conn, stream, sink } = fakeStream();
  const texts = ["same", "same", "same", "other", "same", "same", "name", "same"];
  for (const text of texts) {
    stream.writeText(text);
    conn.writing.resolve(text.length);
    await setImmediate();
  }
  assertEquals(conn.written.map((bytes) => bytes.length), texts.map((text) => text.length));
  const sent = [0, 1, 2, 4, 5, 7].map((at) => new TextDecoder().decode(conn.written[at]));
  assertEquals(sent, ["same", "same", "same", "same", "same", "same"]);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream writeText() shares no buffer when two streams write", async () => {
  const one = fakeStream();
  const other = fakeStream();
  one.stream.writeText("one");
  other.stream.writeText("other");
  assertEquals(new TextDecoder().decode(one.conn.written[0]), "one");
  one.conn.writing.resolve(3);
  await setImmediate();
  one.stream.writeText("again");
  assertEquals(new TextDecoder().decode(other.conn.written[0]), "other");
  for (const { stream, sink } of [one, other]) {
    stream.close();
    await sink.saw("close");
  }
});

Deno.test("DenoStream tells of a failed write after what the read at work still brings", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  stream.write(pattern(10));
  conn.writing.reject(Object.assign(new Error("Gone"), { code: "EPIPE" }));
  await setImmediate();
  assertEquals(sink.log, []);
  await conn.gives(7);
  assertEquals(sink.log, ["data"]);
  await conn.fails(reset());
  assertEquals([sink.log, sink.error?.code, sink.error?.syscall], [
    ["data", "close"],
    "EPIPE",
    "write",
  ]);
});

Deno.test("DenoStream tells of a failed write in place of the end when the peer ended too", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  stream.write(pattern(10));
  conn.writing.reject(Object.assign(new Error("Gone"), { code: "EPIPE" }));
  await setImmediate();
  await conn.gives(null);
  assertEquals([sink.log, sink.error?.code], [["close"], "EPIPE"]);
});

Deno.test("DenoStream tells of a failed write or end at once when no read is at work", async () => {
  for (const act of ["write", "end"] as const) {
    const { conn, stream, sink } = fakeStream();
    if (act === "write") stream.write(pattern(10));
    else stream.end();
    const error = Object.assign(new Error("Gone"), { code: "ENOTCONN" });
    if (act === "write") conn.writing.reject(error);
    else conn.ending.reject(error);
    await setImmediate();
    const { code, syscall, address, port } = sink.error!;
    assertEquals({ code, syscall, address, port }, {
      code: "ENOTCONN",
      syscall: act === "write" ? "write" : "shutdown",
      address: "::1",
      port: 2,
    });
    assertEquals(conn.calls.filter((call) => call === "close"), ["close"]);
  }
});

Deno.test("DenoStream tells of a failed read with our code, and releases the connection", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  await conn.fails(reset());
  assertEquals([sink.log, sink.error?.code, conn.calls.at(-1)], [["close"], "ECONNRESET", "close"]);
  stream.close();
  stream.reset();
  await setImmediate();
  assertEquals(conn.calls.filter((call) => call === "close"), ["close"]);
});

Deno.test("DenoStream tells nothing but close when it is closed while it reads, writes and ends", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  stream.write(pattern(10));
  stream.end();
  stream.close();
  assertEquals(sink.log, []);
  await setImmediate();
  conn.writing.resolve(10);
  conn.ending.resolve();
  await setImmediate();
  assertEquals([sink.log, sink.error], [["close"], null]);
});

Deno.test("DenoStream leaves settings alone when the connection has none or is closed", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.setNoDelay(true);
  stream.setKeepAlive(true, 1000);
  stream.unref();
  stream.ref();
  assertEquals(conn.calls, ["unref", "ref"]);
  stream.close();
  stream.unref();
  stream.ref();
  await sink.saw("close");
  assertEquals(conn.calls, ["unref", "ref", "close"]);
});

Deno.test("DenoStream sets noDelay and keepAlive when the connection is of TCP", async () => {
  const [a, b] = await connectedPair({ hostname: "127.0.0.1", port: 0 });
  const { a: stream, atA } = withSinks(new DenoStream(a), new DenoStream(b));
  stream.setNoDelay(true);
  stream.setNoDelay(false);
  stream.setKeepAlive(true, 1000);
  stream.close();
  stream.setNoDelay(true);
  stream.setKeepAlive(false, 0);
  await atA.saw("close");
  assertEquals(concat(atA.chunks).length, 0);
  b.close();
});

Deno.test("DenoStream reads into a chunk again when it was recycled, and never while it is kept", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  await growLarge(conn);
  const large = conn.buffers.at(-1)!.length;
  await conn.gives(large, 1);
  await conn.gives(large, 2);
  const [, , kept, freed] = sink.chunks;
  stream.recycle(freed!);
  await conn.gives(large, 3);
  assertEquals(conn.buffers.at(-1)!.buffer, freed!.buffer);
  await conn.gives(large, 4);
  await conn.gives(large, 5);
  const buffers = [kept!, ...sink.chunks.slice(4)].map((chunk) => chunk.buffer);
  assertEquals(new Set(buffers).size, buffers.length);
  assertEquals(kept![0], 1);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream holds less for a connection that was handed over, until more comes at a time", async () => {
  const { conn, stream, sink } = fakeStream();
  stream.resume();
  const small = conn.buffers[0]!.length;
  stream.pause();
  await conn.gives(10);
  const next = new RecordingSink();
  stream.attach(next);
  stream.resume();
  const tiny = conn.buffers[1]!.length;
  assert(tiny <= small / 4, `${tiny} bytes`);
  await conn.gives(10);
  assert(conn.buffers[2] === conn.buffers[1]);
  await conn.gives(tiny);
  await conn.gives(10);
  assertEquals(conn.buffers.at(-1)!.length, small);
  assertEquals([sink.chunks.length, next.chunks.length], [1, 3]);
  stream.close();
  await next.saw("close");
});

Deno.test("DenoStream leaves its small buffer to others when it pauses or is closed, but not while it reads", async () => {
  const first = fakeStream();
  const second = fakeStream();
  const third = fakeStream();
  first.stream.resume();
  first.stream.pause();
  second.stream.resume();
  assert(second.conn.buffers[0] !== first.conn.buffers[0]);
  await first.conn.gives(10);
  third.stream.resume();
  assert(third.conn.buffers[0] === first.conn.buffers[0]);
  second.stream.close();
  await second.sink.saw("close");
  first.stream.resume();
  assert(first.conn.buffers[1] === second.conn.buffers[0]);
  for (const { stream, sink } of [first, third]) {
    stream.close();
    await sink.saw("close");
  }
});

Deno.test("DenoStream takes no small, foreign or detached chunk back to read into", async () => {
  const { conn, stream, sink } = fakeStream();
  const detached = new Uint8Array(64 * 1024);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  for (const chunk of [detached, new Uint8Array(10), new Uint8Array(1024 * 1024)]) {
    stream.recycle(chunk);
  }
  stream.resume();
  await growLarge(conn);
  assertEquals(conn.buffers.at(-1)!.length, 64 * 1024);
  stream.close();
  await sink.saw("close");
});

Deno.test("DenoStream fails soon when a write failed and the pending read goes on", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const listener = Deno.listen({ transport: "unix", path });
  const stream = new DenoStream(await Deno.connect({ transport: "unix", path }));
  const peer = await listener.accept();
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  await stream.end();
  // Our own side is shut, so this write fails while the read goes on waiting for the peer.
  stream.write(new Uint8Array(1));
  await sink.saw("close");
  assertEquals(sink.error?.code, "EPIPE");
  peer.close();
  listener.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("DenoStream release() gives the connection when nothing was read", async () => {
  const [conn, peer] = await connectedPair({ hostname: "127.0.0.1", port: 0 });
  const stream = new DenoStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.setNoDelay(true);
  stream.pause();
  stream.write(pattern(5));
  await sink.saw("written");
  const released = stream.release();
  assertEquals(released, conn);
  await peer.write(pattern(7));
  assertEquals(await released!.read(new Uint8Array(10)), 7);
  assertEquals(sink.log, ["written"]);
  conn.close();
  peer.close();
});

Deno.test("DenoStream release() gives nothing when a read is pending", async () => {
  const [conn, peer] = await connectedPair({ hostname: "127.0.0.1", port: 0 });
  const stream = new DenoStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  assertEquals(stream.release(), null);
  stream.pause();
  assertEquals(stream.release(), null);
  stream.close();
  await sink.saw("close");
  peer.close();
});

Deno.test("DenoStream release() gives nothing when all that came was read", async () => {
  const [conn, peer] = await connectedPair({ hostname: "127.0.0.1", port: 0 });
  const stream = new DenoStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  await peer.write(pattern(7));
  peer.close();
  await sink.saw("end");
  assertEquals(sink.chunks, [pattern(7)]);
  assertEquals(stream.release(), null);
  stream.close();
  await sink.saw("close");
});
