import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { LINGER, LINGERED, opened, rejection, send, textAt } from "../_testing/connection_rig.ts";
import { pattern } from "../_testing/pattern.ts";

Deno.test("Connection gives up a silent peer after its end when nobody reads", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, peer, far, clock } = rig;
  far.resume();
  connection.end();
  await peer.saw("end");
  clock.advance(LINGER - 1);
  await send(rig, "x");
  clock.advance(LINGER - 1);
  assertEquals([connection.destroyed, connection.reads.size], [false, 65]);
  clock.advance(LINGERED - LINGER + 1);
  // The byte was dropped to learn of the peer's end; a second time passes before it is given up.
  assertEquals([connection.destroyed, connection.reads.size], [false, 0]);
  await setImmediate();
  clock.advance(LINGERED);
  await setImmediate();
  assertEquals([owner.log, clock.pending], [["close(false)"], 0]);
});

Deno.test("Connection waits for a reader after its end, or cuts it off, as the options say", async () => {
  for (const lingerCuts of ["none", "all"] as const) {
    const { connection, owner, clock } = opened({ listens: 0, lingerCuts });
    const reading = connection.reads.read();
    connection.end();
    await connection.finished();
    clock.advance(LINGERED);
    assertEquals(connection.destroyed, lingerCuts === "all");
    clock.advance(100 * LINGER);
    if (lingerCuts === "all") {
      assertEquals(await rejection(reading), "ETIMEDOUT");
    } else {
      connection.destroy();
      assertEquals(await rejection(reading), "ERR_SOCKET_CLOSED");
    }
    await setImmediate();
    assertEquals([owner.log, clock.pending], [["close(false)"], 0]);
  }
});

Deno.test("Connection close() drops what comes in, sends our end, and closes at the peer's", async () => {
  const rig = opened();
  const { connection, owner, far, peer } = rig;
  far.resume();
  connection.write("answer");
  connection.close();
  await peer.saw("end");
  await send(rig, pattern(500));
  assertEquals([textAt(rig), owner.received, connection.closed], ["answer", "", false]);
  assertEquals(connection.bytesRead, 500);
  far.end();
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
});

Deno.test("Connection close() gives up a peer that sends more than is dropped", async () => {
  const rig = opened({ lingerBytes: 1000 });
  const { connection, owner, far } = rig;
  connection.close();
  await connection.finished();
  await send(rig, pattern(1000));
  assertEquals(connection.destroyed, false);
  far.write(pattern(1));
  await setImmediate();
  assertEquals(owner.log, ["close(false)"]);
});

Deno.test("Connection close() gives up a peer that falls silent", async () => {
  const { connection, owner, clock } = opened();
  connection.close();
  await connection.finished();
  clock.advance(LINGERED);
  await setImmediate();
  assertEquals([owner.log, clock.pending], [["close(false)"], 0]);
});

Deno.test("Connection keeps what came in for a late reader when the peer has closed", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far } = rig;
  await send(rig, "kept");
  far.resume();
  connection.end();
  far.close();
  await setImmediate();
  assertEquals([owner.log, connection.closed], [[], false]);
  assertEquals(new TextDecoder().decode((await connection.reads.read())!), "kept");
  assertEquals(await connection.reads.read(), null);
  await setImmediate();
  assertEquals(owner.log, ["end", "close(false)"]);
});

Deno.test("Connection drops what came in when nobody reads it within the time", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far, clock } = rig;
  await send(rig, "unread");
  connection.end();
  await connection.finished();
  far.close();
  await setImmediate();
  assertEquals(connection.closed, false);
  clock.advance(LINGERED);
  await setImmediate();
  assertEquals([owner.log.at(-1), clock.pending], ["close(false)", 0]);
});

Deno.test("Connection tells a failure that nobody reads up to when the time is over", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far, clock } = rig;
  connection.reads.readAhead();
  await send(rig, "unread");
  far.reset();
  await setImmediate();
  assertEquals(owner.log, []);
  clock.advance(LINGERED);
  await setImmediate();
  assertEquals(owner.log, ["error(ECONNRESET)", "close(true)"]);
});

Deno.test("Connection tells a failure at once when its reader waits for a drain that cannot come", async () => {
  const rig = opened();
  const { connection, owner, far, clock } = rig;
  owner.after = (what) => {
    if (what === "data" && !connection.write(pattern(100_000))) connection.pause();
  };
  await send(rig, "question");
  await send(rig, "unread");
  assertEquals([owner.received, connection.reads.size > 0], ["question", true]);
  far.reset();
  await setImmediate();
  assertEquals(owner.log, ["data", "error(ECONNRESET)", "close(true)"]);
  assertEquals(clock.pending, 0);
});

Deno.test("Connection tells a failure when its reader finds it out by a write", async () => {
  const rig = opened({ listens: 0 });
  const { connection, owner, far, clock } = rig;
  connection.reads.readAhead();
  await send(rig, "unread");
  await send(rig, "as well");
  far.reset();
  await setImmediate();
  assertEquals([owner.log, connection.closed], [[], false]);
  owner.listens = Infinity;
  owner.after = (what) => {
    if (what === "data" && !connection.write("echo")) connection.pause();
  };
  connection.reads.listen();
  await setImmediate();
  assertEquals([owner.received, owner.log], ["unread", [
    "data",
    "error(ECONNRESET)",
    "close(true)",
  ]]);
  assertEquals(clock.pending, 0);
});

Deno.test("Connection keeps what came in for a reader who paused for another reason", async () => {
  const rig = opened();
  const { connection, owner, far } = rig;
  connection.pause();
  await send(rig, "kept");
  far.reset();
  await setImmediate();
  assertEquals([owner.log, connection.closed], [[], false]);
  connection.reads.resume(true);
  await setImmediate();
  assertEquals([owner.received, owner.log], ["kept", [
    "data",
    "error(ECONNRESET)",
    "close(true)",
  ]]);
});
