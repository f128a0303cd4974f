import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { DEFLATE, pairsOf } from "../_testing/websocket_pair.ts";
import { unmaskedFrame } from "./_engine/frame_writer.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import { settingsOf, type WebSocketOptions } from "./options.ts";

const { makeEnd, openEnd, openPair } = pairsOf({
  make: (role, options: WebSocketOptions, timers) =>
    new WebSocketConnection(role, { [prepared]: settingsOf(options, timers) } as WebSocketOptions),
  linkOf,
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a connection emits from now on, as short texts. */
function logOf(connection: WebSocketConnection, messages = true): string[] {
  const log: string[] = [];
  const note = (text: string) => void log.push(text);
  connection.on("open", () => note("open"));
  if (messages) {
    connection.on("message", (data) => {
      note(typeof data === "string" ? data : `bytes ${data.length}`);
    });
  }
  connection.on("ping", (data) => note(`ping ${data.length}`));
  connection.on("pong", (data) => note(`pong ${data.length}`));
  connection.on("drain", () => note("drain"));
  connection.on("error", (error) => note(`error ${(error as NetError).code}`));
  connection.on("close", (...all) => note(`close ${all.join(" ")}`));
  return log;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

const OPTIONS = { heartbeat: false };

Deno.test("WebSocketConnection carries messages both ways and closes cleanly", async () => {
  for (const deflate of [null, DEFLATE]) {
    const { client, server } = openPair({ agreed: { protocol: "chat", deflate } });
    const [atClient, atServer] = [logOf(client), logOf(server)];
    server.on("message", (data) => server.send(data));
    const large = "Hello, κόσμε! ".repeat(10_000);
    assert(client.send("Hello"));
    client.send(pattern(70_000));
    client.send(large);
    await turns(30);
    assertEquals(atServer.filter((line) => line !== "drain"), ["Hello", "bytes 70000", large]);
    assertEquals([client.protocol, client.extensions, server.readyState], [
      "chat",
      deflate === null ? "" : "permessage-deflate",
      "open",
    ]);
    assertEquals(await client.close(3000, "bye"), { code: 3000, reason: "bye", wasClean: true });
    assertEquals(await server.closed, { code: 3000, reason: "bye", wasClean: true });
    assertEquals(atServer.at(-1), "close 3000 bye true");
    assertEquals([client.readyState, client.sentClose], ["closed", { code: 3000, reason: "bye" }]);
    assertEquals([server.receivedClose, server.sentClose?.code], [
      { code: 3000, reason: "bye" },
      3000,
    ]);
    // What came back after close() was dropped.
    assertEquals(atClient.at(-1), "close 3000 bye true");
  }
});

Deno.test("send() before the handshake is done waits for it", async () => {
  const clock = new FakeClock();
  const [client, server] = [makeEnd("client", {}, clock), makeEnd("server", {}, clock)];
  const [atClient, atServer] = [logOf(client), logOf(server)];
  assertEquals([client.send("one"), client.readyState], [true, "connecting"]);
  assertEquals(client.send(pattern(100_000)), false);
  assertEquals(client.bufferedAmount, 100_003);
  const [near, far] = MemoryStream.pair();
  openEnd(server, far);
  openEnd(client, near);
  assertEquals(await client.opened, { protocol: "", extensions: "" });
  await turns(20);
  assertEquals([atServer, atClient], [["open", "one", "bytes 100000"], ["open", "drain"]]);
  await client.close();
});

Deno.test("open() reads what came with the handshake first", async () => {
  const server = makeEnd("client", OPTIONS);
  const log = logOf(server);
  const [near, far] = MemoryStream.pair();
  far.attach(new RecordingSink());
  openEnd(server, near, undefined, unmaskedFrame(0x81, bytes("early")));
  far.write(unmaskedFrame(0x81, bytes("later")));
  await turns();
  assertEquals(log, ["open", "early", "later"]);
  server.terminate();
  await server.closed;
});

Deno.test("ping() gives the time until the answer", async () => {
  const { client, server, clock } = openPair();
  const [atClient, atServer] = [logOf(client, false), logOf(server, false)];
  const answered = client.ping();
  const named = client.ping("name");
  clock.advance(25);
  assertEquals([await answered, await named], [25, 25]);
  assertEquals([atServer, atClient], [["ping 4", "ping 4"], ["pong 4", "pong 4"]]);
  assertThrows(() => client.ping(pattern(126)), RangeError);
  assertThrows(() => client.ping(1 as never), TypeError);
  const bytes = pattern(4);
  const changed = client.ping(bytes);
  bytes.fill(0);
  assertEquals(await changed, 0);
  const lost = client.ping();
  client.terminate();
  assertEquals(await codeOf(lost), "ERR_SOCKET_CLOSED");
  await server.closed.catch(() => {});
  assertEquals(await codeOf(client.ping()), "ERR_INVALID_STATE");
});

Deno.test("ping() refuses more than may wait", async () => {
  const client = makeEnd("client", { maxPendingPings: 2, heartbeat: false });
  const [near, far] = MemoryStream.pair();
  far.attach(new RecordingSink());
  openEnd(client, near);
  const waiting = [client.ping(), client.ping()];
  assertEquals(await codeOf(client.ping()), "ERR_BUFFER_FULL");
  client.terminate();
  for (const ping of waiting) assertEquals(await codeOf(ping), "ERR_SOCKET_CLOSED");
});

Deno.test("iteration gives the messages until the close", async () => {
  const { client, server } = openPair();
  for (const text of ["a", "b", "c"]) server.send(text);
  server.close();
  const messages: unknown[] = [];
  for await (const message of client) messages.push(message);
  assertEquals(messages, ["a", "b", "c"]);
  assertEquals((await client.closed).code, 1000);
});

Deno.test("iteration closes the connection when it is left, and throws what it fails with", async () => {
  const left = openPair();
  left.server.send("a");
  for await (const message of left.client) {
    assertEquals(message, "a");
    break;
  }
  assertEquals((await left.server.closed).code, 1000);
  const failed = openPair();
  failed.server.send("a");
  failed.near.fail("ECONNRESET");
  const messages: unknown[] = [];
  const loop = async () => {
    for await (const message of failed.client) messages.push(message);
  };
  assertEquals(await codeOf(loop()), "ECONNRESET");
  assertEquals(messages, ["a"]);
  failed.server.terminate();
  await failed.server.closed;
});

Deno.test("only one consumer reads messages at a time", async () => {
  const { client, server } = openPair();
  const iterator = client[Symbol.asyncIterator]();
  const next = iterator.next();
  assertThrows(() => client.on("message", () => {}), NetError, "Cannot read");
  assertThrows(() => client.readable, NetError);
  server.send("a");
  assertEquals((await next).value, "a");
  await iterator.return!();
  await client.closed;
});

Deno.test("readable and writable carry messages with back-pressure", async () => {
  const { client, server } = openPair({ agreed: { protocol: "", deflate: DEFLATE } });
  const done = server.readable.pipeTo(server.writable).catch(() => {});
  const writer = client.writable.getWriter();
  const reader = client.readable.getReader();
  for (const size of [0, 5, 300_000]) {
    const sent = pattern(size);
    const read = reader.read();
    await writer.write(sent);
    assertEquals((await read).value, sent);
  }
  await writer.write("text");
  assertEquals((await reader.read()).value, "text");
  await writer.close();
  assertEquals((await reader.read()).done, true);
  await done;
  assertEquals((await client.closed).wasClean, true);
});

Deno.test("messages that nobody reads stop the peer", async () => {
  const { client, server } = openPair({ server: OPTIONS, memory: { capacity: 10_000 } });
  const log = logOf(server, false);
  let refused = 0;
  for (let count = 0; count < 100; count++) if (!client.send(pattern(10_000))) refused += 1;
  await turns(100);
  assert(client.bufferedAmount > 500_000);
  assert(refused > 50);
  // A sign of life is still given as long as the messages do not fill up.
  let received = 0;
  for await (const message of server) {
    received += message.length;
    if (received === 1_000_000) break;
  }
  assertEquals([received, client.bufferedAmount], [1_000_000, 0]);
  await client.closed;
  assertEquals(log, ["close 1000  true"]);
});

Deno.test("pause() holds messages back, and resume() lets them come in order", async () => {
  const { client, server } = openPair();
  const log = logOf(server);
  server.pause();
  for (let count = 0; count < 30; count++) client.send(`${count} `.repeat(2000));
  client.close();
  await turns(20);
  assertEquals(log, []);
  server.resume();
  await client.closed;
  await server.closed;
  assertEquals(log.map((line) => parseInt(line)).slice(0, 30), [...Array(30).keys()]);
  assertEquals(log.slice(30), ["close 1000  true"]);
});

Deno.test("an answer within a listener leaves in one write with the others", async () => {
  const { client, server, far } = openPair();
  const atClient = logOf(client);
  server.on("message", (data) => server.send(data));
  for (let count = 0; count < 16; count++) client.send("0123456789");
  await turns();
  assertEquals(atClient.length, 16);
  const writes = far.calls.filter((call) => call.startsWith("write"));
  assert(writes.length <= 2, writes.join());
  await client.close();
});

Deno.test("a violation is told to the peer, by error and then by close", async () => {
  const server = makeEnd("server", OPTIONS);
  const log = logOf(server);
  const [near, far] = MemoryStream.pair();
  const peer = new RecordingSink();
  far.attach(peer);
  far.resume();
  openEnd(server, near);
  far.write(unmaskedFrame(0x81, bytes("not masked")));
  await peer.saw("end");
  const [close] = peer.chunks;
  assertEquals([close![0], (close![2]! << 8) | close![3]!], [0x88, 1002]);
  far.end();
  assertEquals(await codeOf(server.closed), "ERR_WS_INVALID_FRAME");
  assertEquals(log, ["open", "error ERR_WS_INVALID_FRAME", "close 1006  false"]);
  assertEquals(server.sentClose?.code, 1002);
});

Deno.test("an end without a close frame is a failure", async () => {
  const { client, server } = openPair();
  const log = logOf(client);
  server.terminate();
  assertEquals(await codeOf(client.closed), "ERR_WS_ABNORMAL_CLOSE");
  assertEquals(log, ["error ERR_WS_ABNORMAL_CLOSE", "close 1006  false"]);
  assertEquals(await server.closed, { code: 1006, reason: "", wasClean: false });
});

Deno.test("terminate() with an error tells it", async () => {
  const { client, server } = openPair();
  const log = logOf(client);
  client.terminate(new NetError("MINE", "Cannot go on"));
  assertEquals(await codeOf(client.closed), "MINE");
  assertEquals(log, ["error MINE", "close 1006  false"]);
  await server.closed.catch(() => {});
});

Deno.test("close() gives up on a peer that does not answer, or does not end", async () => {
  for (const answers of [false, true]) {
    const clock = new FakeClock();
    const client = makeEnd("client", { closeTimeout: 1000 }, clock);
    const [near, far] = MemoryStream.pair();
    far.attach(new RecordingSink());
    far.resume();
    openEnd(client, near);
    const closed = client.close(4000, "");
    if (answers) far.write(unmaskedFrame(0x88, Uint8Array.of(0x0f, 0xa0)));
    await turns();
    assertEquals(client.readyState, "closing");
    clock.advance(1100);
    const code = answers ? 4000 : 1006;
    assertEquals(await closed, { code, reason: "", wasClean: answers });
  }
});

Deno.test("close() refuses codes and reasons that cannot be sent", async () => {
  const { client, server } = openPair();
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
    assertThrows(() => client.close(code), RangeError);
  }
  assertThrows(() => client.close(1000, "é".repeat(62)), RangeError);
  assertThrows(() => client.close(1000, null as never), TypeError, "that is null");
  await client.close(1000, "é".repeat(61));
  assertEquals((await server.closed).reason, "é".repeat(61));
});

Deno.test("the heartbeat finds out that the peer is gone", async () => {
  const clock = new FakeClock();
  const client = makeEnd("client", { heartbeat: { interval: 1000, timeout: 500 } }, clock);
  const log = logOf(client);
  const [near, far] = MemoryStream.pair();
  const peer = new RecordingSink();
  far.attach(peer);
  far.resume();
  openEnd(client, near);
  clock.advance(1100);
  await peer.saw("data");
  assertEquals(peer.chunks[0]![0], 0x89);
  clock.advance(600);
  assertEquals(await codeOf(client.closed), "ERR_WS_PING_TIMEOUT");
  assertEquals(log.slice(1), ["error ERR_WS_PING_TIMEOUT", "close 1006  false"]);
});

Deno.test("the heartbeat keeps a connection whose peer answers, and idleTimeout closes it", async () => {
  const { client, server, clock } = openPair({
    client: { heartbeat: { interval: 1000, timeout: 500 } },
    server: { idleTimeout: 10_000, heartbeat: false },
  });
  const log = logOf(server, false);
  for (let count = 0; count < 8; count++) {
    clock.advance(1100);
    await turns();
  }
  assert(log.length >= 6 && log.every((line) => line === "ping 4"), log.join());
  clock.advance(3000);
  assertEquals(await client.closed, { code: 1001, reason: "Idle", wasClean: true });
  await server.closed;
});

Deno.test("send() fails a connection whose sender never heeds false", async () => {
  const { client, server } = openPair({ client: { maxBufferedAmount: 100_000 } });
  const log = logOf(client);
  linkOf(server).messages.pause();
  for (let count = 0; count < 20; count++) client.send(pattern(20_000));
  assertEquals(await codeOf(client.closed), "ERR_BUFFER_FULL");
  assertEquals(log.at(-1), "close 1006  false");
  await server.closed.catch(() => {});
  assertEquals(client.send("late"), false);
});

Deno.test("send() refuses what is no message", () => {
  const client = makeEnd("client");
  for (const data of [null, 1, {}, new ArrayBuffer(1)]) {
    assertThrows(() => client.send(data as never), TypeError);
  }
});

Deno.test("messages are copies that stay whole", async () => {
  const { client, server } = openPair({ memory: { chunk: 100 } });
  const received: Uint8Array[] = [];
  server.on("message", (data) => received.push(data as Uint8Array));
  for (const size of [10, 90, 500]) client.send(pattern(size));
  await turns(20);
  assertEquals(received, [10, 90, 500].map((size) => pattern(size)));
  await client.close();
});

Deno.test("WebSocketConnection unref() and ref() count from the opening on when they come before", async () => {
  const cases: ["ref" | "unref", string[]][] = [["unref", ["unref"]], ["ref", []]];
  for (const [change, calls] of cases) {
    const end = makeEnd("client", OPTIONS);
    end.unref();
    end[change]();
    const [near] = MemoryStream.pair();
    openEnd(end, near);
    assertEquals(near.calls.filter((call) => call.endsWith("ref")), calls);
    end.unref().ref();
    assertEquals(near.calls.filter((call) => call.endsWith("ref")), [...calls, "unref", "ref"]);
    end.terminate();
    await end.closed;
  }
});
