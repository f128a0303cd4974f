import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { netError } from "../_core/errors.ts";
import {
  codeOf,
  LINGER,
  LINGERED,
  opened,
  opening,
  rejection,
  send,
  textAt,
  writesOf,
} from "../_testing/connection_rig.ts";
import { pattern } from "../_testing/pattern.ts";

/** Takes bytes away from who holds them, as a transfer to a worker does. */
function detach(bytes: Uint8Array): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
}

Deno.test("Connection tells open, data, end and close in order when the peer sends and ends", async () => {
  const rig = opening();
  const { connection, owner, far, peer, near, clock } = rig;
  owner.listens = Infinity;
  connection.reads.listen();
  assertEquals(connection.readyState, "opening");
  connection.open(near);
  assertEquals([owner.log, connection.readyState], [["open"], "open"]);
  far.resume();
  await send(rig, "hello ");
  await send(rig, "world");
  far.end();
  await peer.saw("end");
  await setImmediate();
  assertEquals(owner.log, ["open", "data", "end", "close(false)"]);
  assertEquals([owner.received, connection.bytesRead], ["hello world", 11]);
  assertEquals([connection.readyState, connection.closed, clock.pending], ["closed", true, 0]);
});

Deno.test("Connection reads on after its own end when the peer goes on sending", async () => {
  const rig = opened();
  const { connection, owner, far, peer } = rig;
  far.resume();
  connection.write("bye");
  connection.end();
  assertEquals(connection.readyState, "readOnly");
  await connection.finished();
  await peer.saw("end");
  assertEquals(textAt(rig), "bye");
  await send(rig, pattern(5000));
  assertEquals(connection.bytesRead, 5000);
  assertEquals(owner.log, ["data"]);
  far.end();
  await setImmediate();
  assertEquals(owner.log, ["data", "end", "close(false)"]);
});

Deno.test("Connection writes on after the peer's end when half-open is allowed", async () => {
  const rig = opened({ allowHalfOpen: true });
  const { connection, owner, far, peer } = rig;
  far.resume();
  far.end();
  await setImmediate();
  assertEquals([owner.log, connection.readyState], [["end"], "writeOnly"]);
  assertEquals(connection.write("late"), true);
  await peer.until(() => peer.received === 4);
  assertEquals(peer.log, ["finish", "data"]);
  connection.end();
  await peer.saw("end");
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
});

Deno.test("Connection ends itself after the end listeners when half-open is not allowed", async () => {
  const rig = opened();
  const { connection, owner, far, peer } = rig;
  far.resume();
  owner.after = (what) => {
    if (what === "end") assert(connection.write("last words"));
  };
  far.end();
  await peer.saw("end");
  assertEquals(textAt(rig), "last words");
  assertEquals(peer.log, ["finish", "data", "end"]);
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
});

Deno.test("Connection keepHalfOpen() keeps our side open when the peer ends", async () => {
  const { connection, owner, far } = opened();
  connection.keepHalfOpen();
  far.end();
  await setImmediate();
  assertEquals([owner.log, connection.readyState], [["end"], "writeOnly"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection tells the error after the data that came before it", async () => {
  const rig = opened();
  const { connection, owner, far } = rig;
  connection.reads.pause();
  await send(rig, "before");
  far.reset();
  await setImmediate();
  assertEquals(owner.log, []);
  connection.reads.resume(true);
  await setImmediate();
  assertEquals(owner.log, ["data", "error(ECONNRESET)", "close(true)"]);
  assertEquals(owner.received, "before");
});

Deno.test("Connection fails every later wait with the one error when it has failed", async () => {
  const rig = opened({ listens: 0, capacity: 4 });
  const { connection, owner, far } = rig;
  connection.write("to be lost");
  const waits = [connection.reads.read(), connection.flush(), connection.finished()];
  far.reset();
  const errors = await Promise.all(waits.map((wait) => assertRejects(() => wait)));
  assertEquals(codeOf(errors[0]), "ECONNRESET");
  errors.push(
    await assertRejects(() => connection.reads.read()),
    await assertRejects(() => connection.flush()),
    await assertRejects(() => connection.finished()),
    ...owner.errors,
  );
  for (const error of errors) assertStrictEquals(error, errors[0]);
  assertEquals(owner.log, ["error(ECONNRESET)", "close(true)"]);
  assertEquals(connection.write("x"), false);
  assertStrictEquals(await assertRejects(() => connection.flush()), errors[0]);
});

Deno.test("Connection write() after end() sends what came before, then fails", async () => {
  const rig = opened({ capacity: 5 });
  const { connection, owner, far, peer } = rig;
  connection.write("queued before the end");
  connection.end();
  assertEquals(connection.write("too late"), false);
  assertEquals(await rejection(connection.flush()), "ERR_STREAM_WRITE_AFTER_END");
  assertEquals(owner.log, []);
  far.resume();
  await peer.saw("end");
  await setImmediate();
  assertEquals(textAt(rig), "queued before the end");
  assertEquals(owner.log, ["error(ERR_STREAM_WRITE_AFTER_END)", "close(true)"]);
});

Deno.test("Connection write() fails when our end was taken long before", async () => {
  const { connection, owner } = opened();
  connection.end();
  await connection.finished();
  assertEquals(connection.write("too late"), false);
  assertEquals(owner.log, []);
  await setImmediate();
  assertEquals(owner.log, ["error(ERR_STREAM_WRITE_AFTER_END)", "close(true)"]);
});

Deno.test("Connection write() fails with EPIPE when it ended because the peer did", async () => {
  const { connection, owner, far, peer } = opened({ capacity: 4 });
  owner.after = (what) => void (what === "end" && connection.write("the answer"));
  far.end();
  await setImmediate();
  await setImmediate();
  assertEquals([connection.readyState, connection.write("x")], ["closed", false]);
  far.resume();
  await peer.saw("end");
  await setImmediate();
  assertEquals([owner.log, peer.received], [["end", "error(EPIPE)", "close(true)"], 10]);
});

Deno.test("Connection tells of a write that comes when it has ended itself and closed", async () => {
  const { connection, owner, far } = opened();
  far.end();
  await setImmediate();
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
  assertEquals(connection.write("too late"), false);
  assertEquals(owner.errors.map(codeOf), ["EPIPE"]);
  assertEquals(await rejection(connection.flush()), "ERR_SOCKET_CLOSED");
});

Deno.test("Connection keeps our side open until whoever pulls has taken the end", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far } = rig;
  far.resume();
  const first = connection.reads.read();
  await send(rig, "question");
  assertEquals(new TextDecoder().decode((await first)!), "question");
  far.end();
  await setImmediate();
  await setImmediate();
  assertEquals([owner.log, connection.write("answer")], [["end"], true]);
  assertEquals(await connection.reads.read(), null);
  connection.write(", and more after the end");
  await setImmediate();
  await setImmediate();
  assertEquals([owner.log, textAt(rig)], [
    ["end", "close(false)"],
    "answer, and more after the end",
  ]);
});

Deno.test("Connection ends itself when whoever pulled stays away from the end", async () => {
  const rig = opened({ listens: 0, forgottenTimeout: LINGER });
  const { connection, owner, far, clock } = rig;
  const first = connection.reads.read();
  await send(rig, "question");
  await first;
  far.end();
  await setImmediate();
  assertEquals([owner.log, connection.readyState], [["end"], "writeOnly"]);
  clock.advance(LINGERED);
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
});

Deno.test("Connection tells drain once, when everything has gone after write() said false", async () => {
  const { connection, owner, far, peer } = opened({ highWaterMark: 10, capacity: 4 });
  assertEquals(connection.write("0123456789"), true);
  assertEquals([connection.write("a"), connection.write("b"), connection.write("c")], [
    false,
    false,
    false,
  ]);
  assertEquals(connection.bufferedAmount, 13);
  await setImmediate();
  assertEquals(owner.log, []);
  far.resume();
  await peer.until(() => peer.received === 13);
  await setImmediate();
  assertEquals([owner.log, connection.bufferedAmount], [["drain"], 0]);
  connection.write("short");
  await setImmediate();
  assertEquals(owner.log, ["drain"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection write() lets a drain listener write again when everything has gone", async () => {
  const rig = opened({ highWaterMark: 1 });
  const { connection, owner, far, peer } = rig;
  far.resume();
  let rounds = 0;
  owner.after = () => {
    if (++rounds < 5) connection.write(`${rounds}`.repeat(2));
    else connection.end();
  };
  connection.write("00");
  await peer.saw("end");
  assertEquals(textAt(rig), "0011223344");
  assertEquals(owner.log, ["drain", "drain", "drain", "drain", "drain"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection joins small writes of one turn, and sends text as UTF-8", async () => {
  const rig = opened();
  const { connection, far, peer } = rig;
  far.resume();
  for (const word of ["Grüße", " ", "日本", " ", "😀"]) connection.write(word);
  connection.end();
  await peer.saw("end");
  assertEquals(textAt(rig), "Grüße 日本 😀");
  assertEquals(writesOf(rig), ["write(7)", "write(12)"]);
  assertEquals(connection.bytesWritten, 19);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection sends everything in order when each write takes few bytes", async () => {
  for (const capacity of [1, 7, 100]) {
    const rig = opened({ capacity });
    const { connection, far, peer } = rig;
    far.resume();
    const bytes = pattern(5000);
    connection.write(bytes.subarray(0, 3));
    connection.write(bytes.subarray(3, 600));
    connection.write(bytes.subarray(600));
    const flushed = connection.flush();
    connection.end();
    await peer.saw("end");
    await flushed;
    assertEquals(concat(peer.chunks), bytes);
    assertEquals(connection.bytesWritten, 5000);
    connection.destroy();
    await setImmediate();
  }
});

Deno.test("Connection fails with ERR_INVALID_STATE when a chunk is transferred away meanwhile", async () => {
  const { connection, owner } = opened();
  const chunk = new Uint8Array(40_000);
  connection.write("a");
  connection.write(chunk);
  const flushed = connection.flush();
  detach(chunk);
  assertEquals(await rejection(flushed), "ERR_INVALID_STATE");
  await setImmediate();
  assertEquals(owner.log, ["error(ERR_INVALID_STATE)", "close(true)"]);
});

Deno.test("Connection holds writes and the end back until open(), then sends them", async () => {
  const rig = opening();
  const { connection, owner, near, far, peer } = rig;
  connection.write("early ");
  connection.write("words");
  connection.end();
  const waits = Promise.all([connection.flush(), connection.finished()]);
  assertEquals(connection.bufferedAmount, 11);
  far.resume();
  connection.open(near);
  await waits;
  await peer.saw("end");
  assertEquals(textAt(rig), "early words");
  assertEquals(owner.log, ["open"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection destroy() rejects what waits and tells close in a later turn", async () => {
  for (const reason of [undefined, netError("ECONNABORTED", "Cannot go on")]) {
    const rig = opened({ listens: 0, capacity: 1 });
    const { connection, owner, near } = rig;
    connection.write("lost");
    const code = reason === undefined ? "ERR_SOCKET_CLOSED" : "ECONNABORTED";
    const waits = [connection.reads.read(), connection.flush(), connection.finished()];
    connection.destroy(reason);
    connection.destroy(new Error("A second reason"));
    assertEquals([owner.log, connection.destroyed, connection.closed], [[], true, false]);
    for (const wait of waits) assertEquals(await rejection(wait), code);
    await setImmediate();
    const close = reason === undefined ? ["close(false)"] : [`error(${code})`, "close(true)"];
    assertEquals(owner.log, close);
    assertEquals([connection.bufferedAmount, near.calls.at(-1)], [0, "close"]);
    assertEquals(await rejection(connection.reads.read()), code);
  }
});

Deno.test("Connection tells no data and no end when they come in after destroy()", async () => {
  const rig = opened();
  const { connection, owner, far } = rig;
  far.write(pattern(10));
  connection.destroy();
  await setImmediate();
  assertEquals(owner.log, ["close(false)"]);
  assertEquals(connection.write("x"), false);
  assertEquals(await rejection(connection.flush()), "ERR_SOCKET_CLOSED");
});

Deno.test("Connection reset() breaks the connection off, and tells close without an error", async () => {
  const { connection, owner, near, peer } = opened();
  connection.reset();
  await peer.saw("close");
  assertEquals([near.calls.includes("reset"), peer.error?.code], [true, "ECONNRESET"]);
  assertEquals(owner.log, ["close(false)"]);
});

Deno.test("Connection setTimeout() reports silence once each time, and is put off by what moves", async () => {
  const rig = opened();
  const { connection, owner, far, clock } = rig;
  far.resume();
  connection.setTimeout(1000);
  clock.advance(900);
  await send(rig, "x");
  clock.advance(900);
  connection.write("y");
  await setImmediate();
  clock.advance(900);
  assertEquals(owner.log, ["data"]);
  clock.advance(200);
  assertEquals(owner.log, ["data", "timeout"]);
  clock.advance(10_000);
  assertEquals(owner.log, ["data", "timeout"]);
  assertEquals(connection.destroyed, false);
  await send(rig, "x");
  clock.advance(1100);
  assertEquals(owner.log, ["data", "timeout", "data", "timeout"]);
  connection.setTimeout(500);
  connection.setTimeout(0);
  assertEquals(clock.pending, 0);
  connection.setTimeout(500);
  connection.destroy();
  assertEquals(clock.pending, 0);
  connection.setTimeout(500);
  await setImmediate();
  assertEquals(clock.pending, 0);
});

Deno.test("Connection setTimeout() counts a slow write as life when the peer takes bytes of it", async () => {
  const { connection, owner, far, peer, clock } = opened({ capacity: 1 });
  connection.setTimeout(1000);
  connection.write("abcdefgh");
  await setImmediate();
  for (let count = 1; count <= 6; count++) {
    clock.advance(900);
    far.resume();
    await peer.until(() => peer.received === count);
    far.pause();
    await setImmediate();
    assertEquals(owner.log, []);
  }
  clock.advance(1100);
  assertEquals(owner.log, ["timeout"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection openRefused() tells nothing and fails every wait", async () => {
  const { connection, owner } = opening();
  const reason = new Error("Aborted");
  connection.write("lost");
  const waiting = connection.flush();
  connection.openRefused(reason);
  for (const wait of [waiting, connection.flush(), connection.reads.read()]) {
    assertStrictEquals(await assertRejects(() => wait), reason);
  }
  assertStrictEquals(await assertRejects(() => connection.finished()), reason);
  await setImmediate();
  assertEquals([owner.log, connection.readyState, connection.closed], [[], "closed", true]);
});

Deno.test("Connection destroy() tells the error and close when there is no stream yet", async () => {
  const { connection, owner } = opening();
  const waiting = connection.reads.read();
  connection.destroy(netError("ECONNREFUSED", "Cannot connect: refused"));
  assertEquals(await rejection(waiting), "ECONNREFUSED");
  await setImmediate();
  assertEquals(owner.log, ["error(ECONNREFUSED)", "close(true)"]);
});

Deno.test("Connection calls abandon once when it is destroyed before it opens, and closes the stream", async () => {
  const { connection, owner, near, peer } = opening();
  let abandoned = 0;
  connection.abandon = () => abandoned++;
  connection.destroy();
  connection.destroy();
  await setImmediate();
  assertEquals([abandoned, owner.log, connection.failure], [1, ["close(false)"], null]);
  connection.open(near);
  await setImmediate();
  assertEquals([near.calls, peer.log, abandoned], [["close"], [], 1]);
  assertEquals(owner.log, ["close(false)"]);
});

Deno.test("Connection gives listeners that come late everything that came before", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far } = rig;
  await send(rig, "early ");
  far.end();
  await setImmediate();
  assertEquals([owner.log, connection.readyState], [[], "open"]);
  owner.listens = Infinity;
  connection.reads.listen();
  await setImmediate();
  await setImmediate();
  assertEquals([owner.log, owner.received], [["data", "end", "close(false)"], "early "]);
});

Deno.test("Connection keeps the chunks for the next reader when a listener takes only one", async () => {
  const rig = opened({ listens: 1, chunk: 3 });
  const { connection, owner } = rig;
  await send(rig, "onetwo");
  assertEquals(owner.received, "one");
  assertEquals(new TextDecoder().decode((await connection.reads.read())!), "two");
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection gives back what was unshifted before anything else", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner } = rig;
  await send(rig, "headbody");
  const chunk = (await connection.reads.read())!;
  connection.reads.unshift(chunk.subarray(4));
  owner.listens = Infinity;
  connection.reads.listen();
  await send(rig, " more");
  assertEquals(owner.received, "body more");
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection reads no more than highWaterMark ahead when nobody takes it", async () => {
  const rig = opened({ listens: 0, highWaterMark: 228, capacity: 50, chunk: 50 });
  const { connection, near } = rig;
  connection.reads.readAhead();
  for (let round = 0; round < 3; round++) await send(rig, pattern(50));
  // Each waiting chunk counts 64 bytes besides its own.
  assertEquals([connection.reads.size, connection.bytesRead], [228, 100]);
  assertEquals(near.calls, ["resume", "pause"]);
  await connection.reads.read();
  await setImmediate();
  assertEquals([connection.reads.size, connection.bytesRead], [228, 150]);
  assertEquals(near.calls, ["resume", "pause", "resume", "pause"]);
  connection.destroy();
  await setImmediate();
});

Deno.test("Connection lends the stream its buffer only when everything is dropped", () => {
  const { connection } = opened();
  assertEquals(connection.borrows, false);
  connection.close();
  assertEquals(connection.borrows, true);
  connection.destroy();
});

Deno.test("Connection withStream() acts at once, at the opening, or not at all", async () => {
  const { connection, near } = opening();
  connection.withStream((stream) => stream.setNoDelay(true));
  assertEquals(near.calls, []);
  connection.open(near);
  assertEquals(near.calls, ["setNoDelay(true)"]);
  connection.withStream((stream) => stream.unref());
  assertEquals(near.calls, ["setNoDelay(true)", "unref"]);
  connection.destroy();
  await setImmediate();
  connection.withStream((stream) => stream.ref());
  assertEquals(near.calls, ["setNoDelay(true)", "unref", "close"]);
});

Deno.test("Connection finished() rejects when the connection is given up before its end was taken", async () => {
  const { connection } = opened({ capacity: 1 });
  connection.write("abc");
  connection.end();
  const waiting = connection.finished();
  connection.destroy();
  assertEquals(await rejection(waiting), "ERR_SOCKET_CLOSED");
  assertEquals(await rejection(connection.finished()), "ERR_SOCKET_CLOSED");
  await setImmediate();
});

Deno.test("Connection destroy() from its open listener keeps the stream unread and unwritten", async () => {
  const { connection, owner, near } = opening();
  connection.write("lost");
  owner.after = (what) => {
    if (what === "open") connection.destroy();
  };
  connection.open(near);
  await setImmediate();
  assertEquals([near.calls, owner.log], [["close"], ["open", "close(false)"]]);
});

Deno.test("Connection write() fails with ERR_BUFFER_FULL when too much waits already", async () => {
  const rig = opened({ highWaterMark: 4, maxBufferedAmount: 8, capacity: 1 });
  const { connection, owner } = rig;
  // One write may go beyond: what is given by reference costs nothing more.
  assertEquals(connection.write("123456789"), false);
  assertEquals(connection.write("x"), false);
  await setImmediate();
  assertEquals(owner.log, ["error(ERR_BUFFER_FULL)", "close(true)"]);
  assertEquals(await rejection(connection.flush()), "ERR_BUFFER_FULL");
});

Deno.test("Connection borrows its chunks when its owner does, and they go to it at once", () => {
  const { owner, connection } = opening();
  assertEquals(connection.borrows, false);
  Object.defineProperty(owner, "borrows", { value: true });
  owner.listens = 1;
  connection.reads.listen();
  assertEquals(connection.borrows, true);
  connection.reads.pause();
  assertEquals(connection.borrows, false);
  connection.destroy();
});
