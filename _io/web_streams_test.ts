import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { Connection } from "./connection.ts";
import { TimerQueue } from "./timers.ts";
import { createReadable, createWritable } from "./web_streams.ts";

/** The `closed` of a connection that goes on. */
const open = new Promise<void>(() => {});

interface Rig {
  readonly connection: Connection;
  readonly near: MemoryStream;
  readonly far: MemoryStream;
  readonly peer: RecordingSink;
  /** What the connection's owner was told. */
  readonly log: string[];
}

function setup(capacity = 65_536): Rig {
  const log: string[] = [];
  const owner = {
    onOpen: () => {},
    onData: () => false,
    listening: () => false,
    onEnd: () => log.push("end"),
    onDrain: () => {},
    onTimeout: () => {},
    onLateWrite: () => {},
    onError: () => log.push("error"),
    onClose: (hadError: boolean) => log.push(`close(${hadError})`),
  };
  const connection = new Connection(owner, {
    highWaterMark: 10,
    maxBufferedAmount: Infinity,
    allowHalfOpen: false,
    lingerTimeout: Infinity,
    lingerCuts: "none",
    forgottenTimeout: Infinity,
    stallTimeout: Infinity,
    lingerBytes: Infinity,
    timers: new TimerQueue(new FakeClock()),
  });
  const [near, far] = MemoryStream.pair({ capacity });
  const peer = new RecordingSink();
  far.attach(peer);
  connection.open(near);
  return { connection, near, far, peer, log };
}

async function send({ far, peer }: Rig, text: string): Promise<void> {
  const before = peer.written;
  far.write(new TextEncoder().encode(text));
  await peer.until(() => peer.written > before);
}

function textOf(chunks: readonly (Uint8Array | undefined)[]): string {
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}

/** Whether a promise has settled by the end of this turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => settled = true;
  promise.then(settle, settle);
  await setImmediate();
  return settled;
}

async function closeNow({ connection }: Rig): Promise<void> {
  connection.destroy();
  await setImmediate();
}

Deno.test("createReadable() gives the chunks and closes at the peer's end, our side stays open", async () => {
  const rig = setup();
  const { connection, far, peer, log } = rig;
  far.resume();
  const readable = createReadable(connection, open);
  await send(rig, "hello ");
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of readable) chunks.push(chunk);
  })();
  await send(rig, "world");
  far.end();
  await reading;
  await setImmediate();
  assertEquals([textOf(chunks), log, connection.readyState], [
    "hello world",
    ["end"],
    "writeOnly",
  ]);
  connection.write("answer");
  await peer.until(() => peer.received === 6);
  await closeNow(rig);
});

Deno.test("createReadable() reads nothing when nobody asks for a chunk", async () => {
  const rig = setup();
  const { connection, near } = rig;
  const reader = createReadable(connection, open).getReader();
  await send(rig, "x");
  await setImmediate();
  assertEquals(near.calls, []);
  assertEquals(textOf([(await reader.read()).value]), "x");
  assertEquals(near.calls[0], "resume");
  await closeNow(rig);
  await assertRejects(() => reader.read(), NetError);
});

Deno.test("createReadable() gives what came before a failure, then errors with it", async () => {
  const rig = setup();
  const { connection, far, log } = rig;
  const reader = createReadable(connection, open).getReader();
  await send(rig, "before");
  connection.reads.readAhead();
  await setImmediate();
  far.reset();
  assertEquals(textOf([(await reader.read()).value]), "before");
  const error = await assertRejects(() => reader.read(), NetError);
  assertEquals(error.code, "ECONNRESET");
  assertStrictEquals(await assertRejects(() => reader.closed), error);
  await setImmediate();
  assertEquals(log, ["error", "close(true)"]);
});

Deno.test("createReadable() cancel drops what comes in and leaves our side open", async () => {
  const rig = setup(100);
  const { connection, far, peer, log } = rig;
  far.resume();
  const readable = createReadable(connection, open);
  await send(rig, "unread");
  await readable.cancel();
  for (let round = 0; round < 10; round++) await send(rig, "x".repeat(100));
  connection.write("still here");
  await peer.until(() => peer.received === 10);
  assertEquals(connection.reads.size, 0);
  far.end();
  await setImmediate();
  assertEquals([log, connection.readyState], [["end"], "writeOnly"]);
  await closeNow(rig);
});

Deno.test("createReadable() throws ERR_INVALID_STATE when somebody reads, and keeps others out", async () => {
  const rig = setup();
  const { reads } = rig.connection;
  reads.claim("iteration");
  const error = assertThrows(() => createReadable(rig.connection, open), NetError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  reads.release();
  createReadable(rig.connection, open);
  const refused = await assertRejects(() => reads.read(), NetError);
  assertEquals(refused.code, "ERR_INVALID_STATE");
  await closeNow(rig);
});

Deno.test("createWritable() sends bytes and text, and its close ends our side only", async () => {
  const rig = setup();
  const { connection, far, peer, log } = rig;
  far.resume();
  const writer = createWritable(connection, open, 10).getWriter();
  await writer.write("Grüße ");
  await writer.write(new TextEncoder().encode("all"));
  await writer.close();
  await peer.saw("end");
  assertEquals(textOf(peer.chunks), "Grüße all");
  assertEquals([log, connection.readyState], [[], "readOnly"]);
  await send(rig, "answer");
  assertEquals(textOf([(await connection.reads.read())!]), "answer");
  await closeNow(rig);
});

Deno.test("createWritable() close waits until what was written has gone out", async () => {
  const rig = setup(5);
  const { far, peer } = rig;
  const writer = createWritable(rig.connection, open, 100).getWriter();
  writer.write("0123456789").catch(() => {});
  const closing = writer.close();
  assertEquals(await isSettled(closing), false);
  far.resume();
  await closing;
  await peer.saw("end");
  assertEquals(textOf(peer.chunks), "0123456789");
  await closeNow(rig);
});

Deno.test("createWritable() holds a writer back when the peer does not read", async () => {
  const rig = setup(20);
  const { connection, far, peer } = rig;
  const writer = createWritable(connection, open, 10).getWriter();
  const bytes = pattern(1000);
  const first = writer.write(bytes);
  const second = writer.write("next");
  assertEquals(writer.desiredSize, 10 - 1004);
  assertEquals(await isSettled(first), false);
  assertEquals([peer.received, connection.bytesWritten], [0, 20]);
  far.resume();
  await first;
  await second;
  await writer.ready;
  assertEquals([connection.bytesWritten, writer.desiredSize], [1004, 10]);
  await closeNow(rig);
});

Deno.test("createWritable() write rejects with the failure when the connection fails", async () => {
  const rig = setup(5);
  const { connection, far } = rig;
  const writer = createWritable(connection, open, 10).getWriter();
  const writing = writer.write(pattern(1000));
  far.reset();
  const error = await assertRejects(() => writing, NetError);
  assertEquals(error.code, "ECONNRESET");
  assertStrictEquals(await assertRejects(() => writer.closed), error);
});

Deno.test("createWritable() write rejects with ERR_INVALID_ARG_TYPE when the chunk is no data", async () => {
  const rig = setup();
  const writer = createWritable(rig.connection, open, 10).getWriter();
  writer.closed.catch(() => {});
  const error = await assertRejects(() => writer.write({ length: 5 } as unknown as string));
  assertEquals((error as { code?: string }).code, "ERR_INVALID_ARG_TYPE");
  await closeNow(rig);
});

Deno.test("createWritable() abort destroys the connection with its reason", async () => {
  const rig = setup();
  const { connection, near, log } = rig;
  const reason = new Error("Enough");
  const reading = connection.reads.read();
  const writable = createWritable(connection, open, 10);
  await writable.abort(reason);
  assertStrictEquals(await assertRejects(() => reading), reason);
  assertEquals([connection.destroyed, near.calls.at(-1)], [true, "close"]);
  await setImmediate();
  assertEquals(log, ["error", "close(true)"]);
});

Deno.test("createWritable() keeps our side open when the peer ends", async () => {
  const rig = setup();
  const { connection, far, peer } = rig;
  const writer = createWritable(connection, open, 10).getWriter();
  far.resume();
  far.end();
  assertEquals(await connection.reads.read(), null);
  await setImmediate();
  assertEquals(connection.readyState, "writeOnly");
  await writer.write("late");
  await writer.close();
  await peer.saw("end");
  assertEquals(textOf(peer.chunks), "late");
  await connection.finished();
});

Deno.test("createReadable() errors when the connection fails and nobody asks for a chunk", async () => {
  const rig = setup();
  const closed = new Deferred<void>();
  const reader = createReadable(rig.connection, closed.promise).getReader();
  closed.reject(new Error("Gone"));
  await assertRejects(() => reader.closed, Error, "Gone");
  await closeNow(rig);
});

Deno.test("createWritable() errors when the connection has closed and nothing is written", async () => {
  for (const settle of ["resolve", "reject"] as const) {
    const rig = setup();
    const closed = new Deferred<void>();
    const writer = createWritable(rig.connection, closed.promise, 10).getWriter();
    if (settle === "resolve") closed.resolve();
    else closed.reject(new Error("Gone"));
    await assertRejects(() => writer.closed);
    await closeNow(rig);
  }
});
