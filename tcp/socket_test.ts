import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError, netError } from "../_core/errors.ts";
import { TimerQueue } from "../_io/timers.ts";
import { logEvents } from "../_testing/event_log.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { type MemoryOptions, MemoryStream } from "../_testing/memory_stream.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { connectionOptions, type TcpSocketOptions } from "./options.ts";
import { eventsOf, prepared, TcpSocket } from "./socket.ts";

const EVENTS = ["connect", "data", "end", "drain", "timeout", "error", "close"];

interface Rig {
  readonly socket: TcpSocket;
  readonly near: MemoryStream;
  readonly far: MemoryStream;
  readonly peer: RecordingSink;
  readonly clock: FakeClock;
  /** Opens the connection. */
  open(): void;
}

/** A socket that connects to a peer in memory when `open()` is called. */
function connecting(options: TcpSocketOptions & MemoryOptions = {}): Rig {
  const clock = new FakeClock();
  const settings = connectionOptions(options, "client", new TimerQueue(clock));
  const given = { ...options, [prepared]: settings };
  const socket = new TcpSocket(given);
  const [near, far] = MemoryStream.pair(options);
  const peer = new RecordingSink();
  far.attach(peer);
  far.resume();
  return { socket, near, far, peer, clock, open: () => eventsOf(socket).connection.open(near) };
}

function connected(options: TcpSocketOptions & MemoryOptions = {}): Rig {
  const rig = connecting(options);
  rig.open();
  return rig;
}

async function send({ far, peer }: Rig, text: string): Promise<void> {
  const before = peer.written;
  far.write(new TextEncoder().encode(text));
  await peer.until(() => peer.written > before);
  await setImmediate();
}

function textOf(chunk: Uint8Array | null): string | null {
  return chunk === null ? null : new TextDecoder().decode(chunk);
}

function textAt({ peer }: Rig): string {
  return peer.chunks.map((chunk) => textOf(chunk)).join("");
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("TcpSocket emits connect, data, end and close in order, with a plain array of bytes", async () => {
  const rig = connecting();
  const { socket, near, far } = rig;
  const log = logEvents(socket, EVENTS);
  assertEquals([socket.readyState, socket.localAddress, socket.remoteAddress], [
    "opening",
    undefined,
    undefined,
  ]);
  rig.open();
  assertEquals([socket.readyState, log], ["open", ["connect"]]);
  assertEquals(socket.remoteAddress, near.remoteAddress);
  await send(rig, "hello");
  far.end();
  await socket.closed;
  assertEquals(log, ["connect", "data(5)", "end", "close(false)"]);
  assertEquals([socket.readyState, socket.destroyed, socket.bytesRead], ["closed", true, 5]);
});

Deno.test("TcpSocket opened gives both addresses, before and after the connection is there", async () => {
  const rig = connecting();
  const { socket, near } = rig;
  const early = socket.opened;
  assertStrictEquals(socket.opened, early);
  rig.open();
  const expected = { localAddress: near.localAddress, remoteAddress: near.remoteAddress };
  assertEquals(await early, expected);
  const other = connected();
  assertEquals(await other.socket.opened, expected);
  socket.destroy();
  other.socket.destroy();
  assertEquals(await other.socket.opened, expected);
});

Deno.test("TcpSocket opened rejects when the socket is destroyed before the connection is there", async () => {
  const { socket } = connecting();
  const early = socket.opened;
  socket.destroy();
  assertEquals(await codeOf(early), "ERR_SOCKET_CLOSED");
  const late = connecting();
  late.socket.destroy();
  await setImmediate();
  assertEquals(await codeOf(late.socket.opened), "ERR_SOCKET_CLOSED");
  await late.socket.closed;
});

Deno.test("TcpSocket opened and closed reject with the error that prevented the connection", async () => {
  const { socket } = connecting();
  const error = netError("ECONNREFUSED", "Cannot connect: refused");
  const waits = [socket.opened, socket.closed];
  socket.destroy(error);
  waits.push(socket.flush(), socket.opened);
  for (const wait of waits) assertStrictEquals(await assertRejects(() => wait), error);
  assertStrictEquals(await assertRejects(() => socket.closed), error);
  assertStrictEquals(await assertRejects(() => socket.read()), error);
});

Deno.test("TcpSocket closed rejects with the error that closed the socket, also when it is asked late", async () => {
  const { socket, far } = connected();
  const log = logEvents(socket, EVENTS);
  far.reset();
  await setImmediate();
  assertEquals(log, ["error(ECONNRESET)", "close(true)"]);
  assertEquals(await codeOf(socket.closed), "ECONNRESET");
});

Deno.test("TcpSocket destroy() emits error and close in a later turn when it is given an error", async () => {
  const { socket } = connected();
  const log = logEvents(socket, EVENTS);
  socket.destroy(new Error("Enough"));
  socket.destroy(new Error("Twice"));
  assertEquals([log, socket.destroyed], [[], true]);
  await setImmediate();
  assertEquals(log, ["error(Error)", "close(true)"]);
});

Deno.test("TcpSocket write() sends bytes and text, and throws for anything else", async () => {
  const rig = connected();
  const { socket, peer } = rig;
  assertEquals(socket.write("Grüße, "), true);
  assertEquals(socket.write(new TextEncoder().encode("all")), true);
  const error = assertThrows(() => socket.write(5 as unknown as string), TypeError);
  assertEquals((error as TypeError & { code?: string }).code, "ERR_INVALID_ARG_TYPE");
  await socket.flush();
  await peer.until(() => peer.received === 12);
  assertEquals([textAt(rig), socket.bytesWritten, socket.bufferedAmount], ["Grüße, all", 12, 0]);
  socket.destroy();
});

Deno.test("TcpSocket end() sends its data before our end, and closes at the peer's", async () => {
  const rig = connected();
  const { socket, peer, far } = rig;
  socket.resume();
  socket.end("bye");
  assertEquals(socket.readyState, "readOnly");
  await peer.saw("end");
  assertEquals(textAt(rig), "bye");
  far.end();
  await socket.closed;
});

Deno.test("TcpSocket read() gives the chunks, then null for ever", async () => {
  const rig = connected();
  const { socket, far } = rig;
  const reading = socket.read();
  await send(rig, "one");
  assertEquals(textOf(await reading), "one");
  await send(rig, "two");
  far.end();
  assertEquals([textOf(await socket.read()), await socket.read(), await socket.read()], [
    "two",
    null,
    null,
  ]);
  socket.destroy();
});

Deno.test("TcpSocket lets one consumer read at a time", async () => {
  const rig = connected();
  const { socket } = rig;
  const reading = socket.read();
  assertEquals(await codeOf(socket.read()), "ERR_INVALID_STATE");
  assertThrows(() => socket.on("data", () => {}), NetError);
  assertThrows(() => socket.readable, NetError);
  assertEquals(await codeOf(socket[Symbol.asyncIterator]().next()), "ERR_INVALID_STATE");
  await send(rig, "x");
  assertEquals(textOf(await reading), "x");
  const listener = () => {};
  socket.on("data", listener);
  assertEquals(await codeOf(socket.read()), "ERR_INVALID_STATE");
  socket.off("data", listener);
  await send(rig, "y");
  assertEquals(textOf(await socket.read()), "y");
  socket.destroy();
});

Deno.test("TcpSocket once() takes one chunk and leaves the next for the next reader", async () => {
  const rig = connected({ chunk: 3 });
  const { socket } = rig;
  const chunks: string[] = [];
  socket.once("data", (chunk) => chunks.push(textOf(chunk)!));
  await send(rig, "onetwo");
  assertEquals(chunks, ["one"]);
  assertEquals(textOf(await socket.read()), "two");
  socket.destroy();
});

Deno.test("TcpSocket iteration gives every chunk and ends at the peer's end", async () => {
  const rig = connected({ allowHalfOpen: true });
  const { socket, far } = rig;
  await send(rig, "hello ");
  const reading = (async () => {
    let text = "";
    for await (const chunk of socket) text += textOf(chunk);
    return text;
  })();
  await send(rig, "world");
  far.end();
  assertEquals(await reading, "hello world");
  assertEquals(socket.readyState, "writeOnly");
  socket.destroy();
});

Deno.test("TcpSocket iteration closes the socket without loss when it is left early", async () => {
  const rig = connected();
  const { socket, far, peer } = rig;
  await send(rig, "hello");
  socket.write("last words");
  for await (const chunk of socket) {
    assertEquals(textOf(chunk), "hello");
    break;
  }
  await peer.saw("end");
  assertEquals([textAt(rig), socket.destroyed], ["last words", false]);
  far.end();
  await socket.closed;
});

Deno.test("TcpSocket iteration gives nothing more once it was left or has ended", async () => {
  for (const how of ["left", "ended"]) {
    const rig = connected({ allowHalfOpen: true });
    const { socket, far } = rig;
    const chunks = socket[Symbol.asyncIterator]();
    await send(rig, "hello");
    assertEquals(textOf((await chunks.next()).value), "hello");
    if (how === "left") await chunks.return!();
    else far.end();
    for (let round = 0; round < 2; round++) {
      assertEquals(await chunks.next(), { value: undefined, done: true });
    }
    socket.destroy();
  }
});

Deno.test("TcpSocket iteration throws the socket's error after the chunks before it", async () => {
  const rig = connected();
  const { socket, far } = rig;
  await send(rig, "before");
  const chunks: (string | null)[] = [];
  const iterate = async () => {
    for await (const chunk of socket) {
      chunks.push(textOf(chunk));
      far.reset();
    }
  };
  assertEquals([await codeOf(iterate()), chunks], ["ECONNRESET", ["before"]]);
});

Deno.test("TcpSocket iteration just ends when the socket is destroyed in it", async () => {
  const rig = connected();
  const { socket } = rig;
  await send(rig, "x");
  let count = 0;
  for await (const _chunk of socket) {
    count += 1;
    socket.destroy();
  }
  assertEquals(count, 1);
});

Deno.test("TcpSocket unshift() puts bytes back before all others, and nothing when there are none", async () => {
  const rig = connected();
  const { socket } = rig;
  await send(rig, "headbody");
  const chunk = (await socket.read())!;
  socket.unshift(chunk.subarray(4));
  socket.unshift(new Uint8Array());
  assertEquals(textOf(await socket.read()), "body");
  for (const odd of [undefined, 5, new Uint16Array(1)]) {
    assertThrows(() => socket.unshift(odd as never), TypeError, "Uint8Array");
  }
  socket.destroy();
});

Deno.test("TcpSocket pause() holds data and end back until resume()", async () => {
  const rig = connected();
  const { socket, far } = rig;
  const log = logEvents(socket, EVENTS);
  assertStrictEquals(socket.pause(), socket);
  await send(rig, "hello");
  far.end();
  await setImmediate();
  assertEquals(log, []);
  assertStrictEquals(socket.resume(), socket);
  assertEquals(log, []);
  await socket.closed;
  assertEquals(log, ["data(5)", "end", "close(false)"]);
});

Deno.test("TcpSocket resume() drops what comes when nobody listens, and the end is told", async () => {
  const rig = connected();
  const { socket, far } = rig;
  const log = logEvents(socket, ["end", "close"]);
  socket.resume();
  await send(rig, "dropped");
  far.end();
  await socket.closed;
  assertEquals([log, socket.bytesRead], [["end", "close(false)"], 7]);
});

Deno.test("TcpSocket emits drain when everything has gone after write() said false", async () => {
  const { socket, far, peer } = connected({ highWaterMark: 4, capacity: 2 });
  const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
  far.pause();
  assertEquals([socket.write("1234"), socket.write("5")], [true, false]);
  assertEquals(socket.bufferedAmount, 5);
  far.resume();
  await peer.until(() => peer.received === 5);
  await setImmediate();
  assertEquals(log, ["drain"]);
  socket.destroy();
});

Deno.test("TcpSocket setTimeout() emits timeout after silence, and throws for what cannot be", async () => {
  const { socket, clock } = connected();
  const log = logEvents(socket, ["timeout"]);
  assertStrictEquals(socket.setTimeout(1000), socket);
  clock.advance(1100);
  assertEquals(log, ["timeout"]);
  assertEquals(socket.destroyed, false);
  for (const ms of [-1, NaN, "5"]) {
    const error = assertThrows(() => socket.setTimeout(ms as number), RangeError);
    assertEquals((error as RangeError & { code?: string }).code, "ERR_OUT_OF_RANGE");
  }
  socket.setTimeout(1000);
  socket.setTimeout(0);
  assertEquals(clock.pending, 0);
  socket.destroy();
  await setImmediate();
});

Deno.test("TcpSocket hands settings to the stream, also those that came before it", () => {
  const rig = connecting();
  const { socket, near } = rig;
  assertStrictEquals(socket.setNoDelay(false).setKeepAlive(true, 500).unref(), socket);
  assertEquals(near.calls, []);
  rig.open();
  assertEquals(near.calls, ["setNoDelay(false)", "setKeepAlive(true, 500)", "unref"]);
  socket.setNoDelay().setKeepAlive().ref();
  assertEquals(near.calls.slice(3), ["setNoDelay(true)", "setKeepAlive(true, 60000)", "ref"]);
  socket.destroy();
  socket.setNoDelay().unref();
  assertEquals(near.calls.at(-1) === "close" || near.calls.length >= 7, true);
});

Deno.test("TcpSocket reset() breaks the connection off", async () => {
  const { socket, peer } = connected();
  socket.reset();
  await peer.saw("close");
  assertEquals(peer.error?.code, "ECONNRESET");
  await socket.closed;
});

Deno.test("TcpSocket readable and writable are one stream each, and claim the reading", async () => {
  const rig = connected();
  const { socket, far } = rig;
  assertStrictEquals(socket.readable, socket.readable);
  assertStrictEquals(socket.writable, socket.writable);
  assertEquals(await codeOf(socket.read()), "ERR_INVALID_STATE");
  const writer = socket.writable.getWriter();
  await writer.write("out");
  await send(rig, "in");
  far.end();
  let text = "";
  for await (const chunk of socket.readable) text += textOf(chunk);
  await writer.close();
  await socket.closed;
  assertEquals([text, textAt(rig)], ["in", "out"]);
});

Deno.test("TcpSocket dispose destroys it, async dispose closes it without loss or complaint", async () => {
  const first = connected();
  {
    using socket = first.socket;
    socket.write("x");
  }
  assertEquals(first.socket.destroyed, true);
  const second = connected();
  second.far.end();
  {
    await using socket = second.socket;
    socket.write("all of it");
  }
  assertEquals([textAt(second), second.socket.destroyed], ["all of it", true]);
  const third = connected();
  third.far.reset();
  await third.socket[Symbol.asyncDispose]();
  assert(third.socket.destroyed);
});

Deno.test("TcpSocket close() resolves when the peer has ended, or when it stays silent too long", async () => {
  const { socket, clock, peer } = connected({ lingerTimeout: 1000 });
  const closing = socket.close();
  await peer.saw("end");
  await setImmediate();
  assertEquals(socket.destroyed, false);
  clock.advance(1100);
  await closing;
  assertEquals(clock.pending, 0);
});

/** Large enough to be sent by themselves. */
const PARTS = ["one", "two", "three"].map((word) => `${word} `.padEnd(20_000, "."));

/** Bytes that come through a pipe between two sockets, with a listener beside it if so wished. */
async function piped(
  prepare: (source: TcpSocket) => void,
): Promise<{ out: string; calls: string[] }> {
  const from = connected();
  const to = connected();
  prepare(from.socket);
  from.socket.pipe(to.socket);
  for (const part of PARTS) await send(from, part);
  from.far.end();
  await to.peer.saw("end");
  from.socket.destroy();
  to.socket.destroy();
  return { out: textAt(to), calls: from.near.calls.filter((call) => call.startsWith("recycle")) };
}

Deno.test("TcpSocket pipe() gives each buffer back when its bytes have gone out", async () => {
  const { out, calls } = await piped(() => {});
  assertEquals(out, PARTS.join(""));
  assertEquals(calls, ["recycle(20000)", "recycle(20000)", "recycle(20000)"]);
});

Deno.test("TcpSocket pipe() gives no buffer back when somebody else may have kept the chunk", async () => {
  const kept: Uint8Array[] = [];
  const beside = await piped((source) => source.on("data", (chunk) => kept.push(chunk)));
  assertEquals([beside.out, beside.calls], [PARTS.join(""), []]);
  assertEquals(kept.map(textOf).join(""), PARTS.join(""));
  const putBack = new TextEncoder().encode("zero ");
  const before = await piped((source) => source.unshift(putBack));
  assertEquals([before.out, before.calls, textOf(putBack)], [
    `zero ${PARTS.join("")}`,
    [],
    "zero ",
  ]);
});

Deno.test("TcpSocket read(), flush() and close() end their wait when their signal aborts", async () => {
  const rig = connected({ capacity: 1 });
  const { socket, far } = rig;
  far.pause();
  socket.write("abc");
  const reason = new Error("Enough");
  const stop = new AbortController();
  const { signal } = stop;
  const waits = [socket.read({ signal }), socket.flush({ signal })];
  stop.abort(reason);
  for (const wait of waits) assertStrictEquals(await assertRejects(() => wait), reason);
  assertEquals(socket.readyState, "open");
  assertStrictEquals(await assertRejects(() => socket.close({ signal })), reason);
  assertEquals([socket.readyState, socket.destroyed], ["readOnly", false]);
  socket.destroy();
});
