import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { rawConnect } from "../_testing/raw_client.ts";
import { startPeer } from "../_testing/peer.ts";
import { connect } from "./connect.ts";
import { relay } from "./relay.ts";
import { createServer, type TcpServer, type TcpServerOptions } from "./server.ts";
import type { TcpSocket } from "./socket.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };
const EVENTS = ["connect", "data", "end", "drain", "error", "close"];

/** A server with one accepted socket, and a raw client at its other end. */
async function accept(options: TcpServerOptions = {}) {
  const server = await createServer(options).listen(LOCAL);
  const accepted = nextEvent(server, "connection");
  const raw = await rawConnect({ port: server.address.port! });
  const [socket] = await accepted as [TcpSocket];
  return { server, raw, socket };
}

async function closeAll(server: TcpServer): Promise<void> {
  await server.close({ timeout: 0 });
}

Deno.test("TcpSocket emits error and close once when an error listener destroys it again", async () => {
  const { server, raw, socket } = await accept();
  socket.on("error", (error) => socket.destroy(error)).on("data", () => {});
  const log = logEvents(socket, EVENTS);
  const closed = nextEvent(socket, "close");
  raw.reset();
  await closed;
  await setImmediate();
  assertEquals(log, ["error(ECONNRESET)", "close(true)"]);
  await closeAll(server);
});

Deno.test("TcpSocket emits nothing after close when an end listener destroys it with an error", async () => {
  const { server, raw, socket } = await accept();
  await raw.write("kept for a late reader");
  raw.end();
  socket.end("x");
  await raw.closed;
  const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
  socket.on("end", () => socket.destroy(new Error("Mine"))).on("error", () => {});
  const closed = nextEvent(socket, "close");
  socket.on("data", () => {});
  await closed;
  await setImmediate();
  assertEquals(log.at(-1)?.startsWith("close"), true, log.join());
  await closeAll(server);
});

Deno.test("TcpSocket unshift() gives nothing when the socket has ended, closed, or drops what comes", async () => {
  const { server, raw, socket } = await accept();
  const log = logEvents(socket, EVENTS);
  socket.on("end", () => socket.unshift("late"));
  socket.on("close", () => socket.unshift("later"));
  const closed = nextEvent(socket, "close");
  raw.end();
  await closed;
  await setImmediate();
  assertEquals(log, ["end", "close(false)"]);
  const dropping = connect(server.address);
  dropping.resume().unshift("x");
  assertThrows(() => dropping.unshift(1 as unknown as string), TypeError);
  await dropping.opened;
  dropping.destroy();
  await dropping.closed;
  await closeAll(server);
});

Deno.test("TcpSocket reset() closes a Unix socket when asked", async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "net-"));
  await using server = createServer((socket) => socket.resume());
  await server.listen({ path: join(folder, "s") });
  const socket = connect(server.address);
  await socket.opened;
  socket.reset();
  await socket.closed;
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

Deno.test("createServer() lives on when an async listener rejects because its client reset", async () => {
  const server = createServer(async (socket) => {
    for await (const chunk of socket) socket.write(chunk);
  });
  await server.listen(LOCAL);
  const failed = nextEvent(server, "clientError");
  const raw = await rawConnect({ port: server.address.port! });
  await raw.write("x");
  await raw.waitFor(1);
  raw.reset();
  const [error] = await failed;
  assertEquals((error as NetError).code, "ECONNRESET");
  await using next = connect(server.address);
  next.end("still here");
  assertEquals(new TextDecoder().decode((await next.read())!), "still here");
  await next.closed;
  await server.close();
});

Deno.test("createServer() takes only the one socket along when its async listener throws", async () => {
  const server = createServer(async (socket) => {
    await socket.read();
    throw new Error("My mistake");
  });
  await server.listen(LOCAL);
  const failed = nextEvent(server, "clientError");
  const socket = connect(server.address);
  socket.write("x");
  const [error] = await failed;
  assertEquals((error as Error).message, "My mistake");
  await Promise.allSettled([socket.read(), socket.closed]);
  socket.destroy();
  await server.close();
});

Deno.test("TcpSocket close() fails with ETIMEDOUT when the peer takes nothing of what was written", async () => {
  const { server, raw, socket } = await accept({ lingerTimeout: 200 });
  raw.pause();
  socket.write(new Uint8Array(32 * 1024 * 1024));
  const error = await assertRejects(() => socket.close(), NetError);
  assertEquals([error.code, error.syscall], ["ETIMEDOUT", "write"]);
  raw.destroy();
  await raw.closed;
  await closeAll(server);
});

Deno.test("relay() destroys the other side when one whose peer has ended is destroyed here", async () => {
  await using peer = await startPeer();
  const { server, raw, socket } = await accept();
  const upstream = connect({ hostname: "127.0.0.1", port: peer.port });
  upstream.write("stall 60000\n");
  const relayed = relay(socket, upstream);
  const ended = once(socket, "end");
  raw.end();
  await ended;
  socket.destroy();
  await relayed;
  assert(upstream.destroyed);
  raw.destroy();
  await closeAll(server);
});

Deno.test("TcpSocket write() is refused when the stream has failed behind unread data", async () => {
  const { server, raw, socket } = await accept();
  socket.on("error", () => {}).on("data", () => socket.pause());
  await raw.write("a");
  await once(socket, "data");
  await raw.write("b");
  const log = logEvents(socket, ["error", "close"]);
  raw.reset();
  await raw.closed;
  for (let tries = 0; tries < 100 && socket.write("x"); tries++) await setImmediate();
  socket.destroy();
  const error = await assertRejects(() => socket.closed, NetError).catch(() => null);
  await setImmediate();
  // Who gave up first is a race of the two machines; the three answers have to agree.
  assertEquals(log, error === null ? ["close(false)"] : [`error(${error.code})`, "close(true)"]);
  await closeAll(server);
});

Deno.test("TcpSocket iteration keeps its claim when next() is called twice at a time", async () => {
  const { server, raw, socket } = await accept();
  const iterator = socket[Symbol.asyncIterator]();
  const first = iterator.next();
  await assertRejects(() => iterator.next(), NetError, "pending");
  assertThrows(() => socket.on("data", () => {}), NetError, "iteration");
  await raw.write("x");
  assertEquals((await first).value, new TextEncoder().encode("x"));
  await iterator.return?.();
  raw.destroy();
  await closeAll(server);
});
