import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import type { DropInfo } from "../_io/stream.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { Mailbox } from "../_testing/mailbox.ts";
import { type RawClient, rawConnect } from "../_testing/peer.ts";
import { ACCEPTED_WAITING } from "./limits.ts";
import { createServer, type TcpServer } from "./server.ts";
import type { TcpSocket } from "./socket.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const EVENTS = ["listening", "connection", "drop", "clientError", "close", "error"];

function portOf(server: TcpServer): number {
  return server.address.port ?? 0;
}

function client(server: TcpServer): Promise<RawClient> {
  return rawConnect({ port: portOf(server) });
}

/** The sockets of a server, and its drops, to be waited for. */
function watch(server: TcpServer): { sockets: Mailbox<TcpSocket>; drops: Mailbox<DropInfo> } {
  const sockets = new Mailbox<TcpSocket>();
  const drops = new Mailbox<DropInfo>();
  server.on("connection", (socket) => sockets.push(socket));
  server.on("drop", (info) => drops.push(info));
  return { sockets, drops };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

/** Whether a promise has settled after a turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => settled = true;
  promise.then(settle, settle);
  await setImmediate();
  return settled;
}

Deno.test("createServer() takes options, a listener, both or neither", async () => {
  const seen: string[] = [];
  const first = createServer(() => seen.push("first"));
  const second = createServer({ maxConnections: 5 }, () => seen.push("second"));
  assertEquals([createServer().maxConnections, second.maxConnections], [Infinity, 5]);
  assertEquals([first.listenerCount("connection"), createServer().listenerCount("connection")], [
    1,
    0,
  ]);
  for (const server of [first, second]) {
    await server.listen(LOCAL);
    const connection = nextEvent(server, "connection");
    await using _client = await client(server);
    await connection;
    await server.close({ timeout: 0 });
  }
  assertEquals(seen, ["first", "second"]);
});

Deno.test("createServer() throws ERR_OUT_OF_RANGE for an option that cannot be", () => {
  const options = [
    { maxConnections: -1 },
    { maxConnections: NaN },
    { highWaterMark: 0 },
    { lingerTimeout: -1 },
    { keepAliveDelay: NaN },
  ];
  for (const wrong of options) {
    const error = assertThrows(() => createServer(wrong), RangeError);
    assertEquals((error as RangeError & { code?: string }).code, "ERR_OUT_OF_RANGE");
  }
});

Deno.test("TcpServer emits listening, connection and close, and counts its sockets", async () => {
  const server = createServer();
  const log = logEvents(server, EVENTS);
  const { sockets } = watch(server);
  const error = assertThrows(() => server.address, NetError);
  assertEquals([error.code, server.listening], ["ERR_SERVER_NOT_RUNNING", false]);
  assertStrictEquals(await server.listen(LOCAL), server);
  assertEquals([server.listening, server.connections], [true, 0]);
  await using raw = await client(server);
  const socket = await sockets.next();
  assertEquals([socket.remoteAddress?.port, socket.readyState], [raw.localPort, "open"]);
  assertEquals(server.connections, 1);
  socket.resume();
  raw.end();
  await socket.closed;
  assertEquals(server.connections, 0);
  await server.close();
  assertEquals([log, server.listening], [["listening", "connection", "close"], false]);
});

Deno.test("TcpServer listens again when it has closed, for the listeners that it has", async () => {
  const server = createServer();
  const { sockets } = watch(server);
  for (let round = 0; round < 2; round++) {
    await server.listen(LOCAL);
    assertEquals(await codeOf(server.listen(LOCAL)), "ERR_SERVER_ALREADY_LISTEN");
    await using _raw = await client(server);
    (await sockets.next()).destroy();
    await server.close();
  }
});

Deno.test("TcpServer listen() rejects, with an error event for those who listen to it, and may be tried again", async () => {
  await using taken = await createServer().listen(LOCAL);
  const server = createServer();
  const again = { ...LOCAL, port: portOf(taken) };
  assertEquals(await codeOf(server.listen(again)), "EADDRINUSE");
  const log = logEvents(server, EVENTS);
  assertEquals(await codeOf(server.listen(again)), "EADDRINUSE");
  assertEquals([log, server.listening], [["error(EADDRINUSE)"], false]);
  await server.listen(LOCAL);
  await server.close();
});

Deno.test("TcpServer emits clientError when a socket fails whose user does not listen to error", async () => {
  await using server = await createServer().listen(LOCAL);
  const { sockets } = watch(server);
  const failed = nextEvent(server, "clientError");
  const raw = await client(server);
  const socket = await sockets.next();
  socket.resume();
  raw.reset();
  const [error, which] = await failed;
  assertStrictEquals(which, socket);
  assertEquals((error as NetError).code, "ECONNRESET");
  await raw.closed;
});

Deno.test("TcpServer emits no clientError when the socket's user listens to error", async () => {
  const server = await createServer().listen(LOCAL);
  const log = logEvents(server, ["clientError"]);
  const { sockets } = watch(server);
  const raw = await client(server);
  const socket = await sockets.next();
  const failed = nextEvent(socket, "error");
  socket.resume();
  raw.reset();
  await failed;
  await raw.closed;
  await server.close();
  assertEquals(log, []);
});

Deno.test("TcpServer survives a socket that fails although nobody listens to clientError", async () => {
  await using server = await createServer().listen(LOCAL);
  const { sockets } = watch(server);
  const raw = await client(server);
  const socket = await sockets.next();
  socket.resume();
  raw.reset();
  await nextEvent(socket, "close");
  await raw.closed;
  await using _next = await client(server);
  (await sockets.next()).destroy();
});

Deno.test("TcpServer drops what comes beyond maxConnections, which may change while it runs", async () => {
  const server = await createServer({ maxConnections: 1 }).listen(LOCAL);
  const { sockets, drops } = watch(server);
  await using first = await client(server);
  const socket = await sockets.next();
  await using second = await client(server);
  const { reason, localAddress, remoteAddress } = await drops.next();
  assertEquals([reason, localAddress?.port, remoteAddress?.port], [
    "maxConnections",
    portOf(server),
    second.localPort,
  ]);
  await second.closed;
  server.maxConnections = 2;
  await using _third = await client(server);
  await sockets.next();
  server.maxConnections = 0;
  await using _fourth = await client(server);
  assertEquals((await drops.next()).reason, "maxConnections");
  assertEquals(server.connections, 2);
  server.maxConnections = 2;
  socket.destroy();
  await first.closed;
  await using _fifth = await client(server);
  await sockets.next();
  await server.close({ timeout: 0 });
});

Deno.test("TcpServer keeps sockets for a listener that comes later", async () => {
  const server = await createServer().listen(LOCAL);
  await using _raw = await client(server);
  while (server.connections === 0) await setImmediate();
  const { sockets } = watch(server);
  const socket = await sockets.next();
  assertEquals(socket.readyState, "open");
  await server.close({ timeout: 0 });
});

Deno.test("TcpServer drops clients with the reason backlog when too many sockets wait to be taken", async () => {
  const server = await createServer().listen(LOCAL);
  const drops = new Mailbox<DropInfo>();
  server.on("drop", (info) => drops.push(info));
  const clients: RawClient[] = [];
  while (clients.length < ACCEPTED_WAITING) clients.push(await client(server));
  while (server.connections < ACCEPTED_WAITING) await setImmediate();
  const dropped = await client(server);
  const { reason, remoteAddress } = await drops.next();
  assertEquals([reason, remoteAddress?.port], ["backlog", dropped.localPort]);
  assertEquals(server.connections, ACCEPTED_WAITING);
  let taken = 0;
  for await (const socket of server) {
    socket.destroy();
    if (++taken === ACCEPTED_WAITING) break;
  }
  await Promise.all([...clients, dropped].map((raw) => raw.closed));
  await server.close();
  assertEquals(server.connections, 0);
});

Deno.test("TcpServer iteration gives each socket, and ends when the server closes", async () => {
  const server = await createServer().listen(LOCAL);
  const ports: unknown[] = [];
  const iterating = (async () => {
    for await (const socket of server) {
      ports.push(socket.remoteAddress?.port);
      socket.destroy();
    }
  })();
  const expected: unknown[] = [];
  for (let count = 0; count < 3; count++) {
    await using raw = await client(server);
    expected.push(raw.localPort);
    await raw.closed;
  }
  await server.close();
  await iterating;
  assertEquals(ports, expected);
});

Deno.test("TcpServer iteration closes the server when it is left early", async () => {
  const server = await createServer().listen(LOCAL);
  const closed = nextEvent(server, "close");
  await using _raw = await client(server);
  for await (const socket of server) {
    socket.destroy();
    break;
  }
  await closed;
  assertEquals(server.listening, false);
});

Deno.test("TcpServer lets a listener or an iteration take the sockets, not both", async () => {
  const server = await createServer().listen(LOCAL);
  const iterator = server[Symbol.asyncIterator]();
  const next = iterator.next();
  const error = assertThrows(() => server.on("connection", () => {}), NetError);
  assertEquals([error.code, server.listenerCount("connection")], ["ERR_INVALID_STATE", 0]);
  await server.close();
  assertEquals(await next, { value: undefined, done: true });
  const other = await createServer(() => {}).listen(LOCAL);
  assertEquals(await codeOf(other[Symbol.asyncIterator]().next()), "ERR_INVALID_STATE");
  assertEquals(other.listening, true);
  await other.close();
});

Deno.test("TcpServer close() waits for its sockets, and emits close once, just before it resolves", async () => {
  const server = await createServer().listen(LOCAL);
  const log = logEvents(server, EVENTS);
  const { sockets } = watch(server);
  await using _raw = await client(server);
  const socket = await sockets.next();
  socket.on("close", () => log.push("socket closed"));
  const closing = server.close().then(() => log.push("resolved"));
  const second = server.close();
  assertEquals([await isSettled(closing), socket.destroyed], [false, false]);
  socket.destroy();
  await Promise.all([closing, second]);
  assertEquals(log, ["connection", "socket closed", "close", "resolved"]);
  await server.close();
  assertEquals(log.length, 4);
});

Deno.test("TcpServer close() destroys its sockets when the time is over, or at once when it is 0", async () => {
  for (const timeout of [0, 20]) {
    const server = await createServer().listen(LOCAL);
    const { sockets } = watch(server);
    await using _raw = await client(server);
    const socket = await sockets.next();
    const closing = server.close({ timeout });
    await setImmediate();
    assertEquals(socket.destroyed, timeout === 0);
    // The wait itself does not hold the process.
    const hold = setInterval(() => {}, 1000);
    await closing;
    clearInterval(hold);
    assertEquals(socket.destroyed, true);
  }
});

Deno.test("TcpServer close() takes a shorter time when it is called again", async () => {
  const server = await createServer().listen(LOCAL);
  const { sockets } = watch(server);
  await using _raw = await client(server);
  const socket = await sockets.next();
  const slow = [server.close(), server.close({ timeout: 60_000 })];
  await setImmediate();
  assertEquals(socket.destroyed, false);
  await server.close({ timeout: 0 });
  await Promise.all(slow);
  assertEquals(server.connections, 0);
});

Deno.test("TcpServer close() rejects with ERR_OUT_OF_RANGE for a time that cannot be, and goes on", async () => {
  await using server = await createServer().listen(LOCAL);
  for (const timeout of [-1, NaN, "5" as unknown as number]) {
    assertEquals(await codeOf(server.close({ timeout })), "ERR_OUT_OF_RANGE");
  }
  assertEquals(server.listening, true);
});

Deno.test("TcpServer close() ends only the wait when its signal aborts", async () => {
  const server = await createServer().listen(LOCAL);
  const { sockets } = watch(server);
  await using _raw = await client(server);
  const socket = await sockets.next();
  const stop = new AbortController();
  const closing = server.close({ signal: stop.signal });
  const reason = new Error("Enough");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => closing), reason);
  assertEquals(socket.destroyed, false);
  await server.close({ timeout: 0 });
  assertEquals(server.listening, false);
});

Deno.test("TcpServer close() drops the sockets that nobody took", async () => {
  const server = await createServer().listen(LOCAL);
  await using raw = await client(server);
  while (server.connections === 0) await setImmediate();
  await server.close();
  await raw.closed;
  assertEquals(server.connections, 0);
});

Deno.test("TcpServer close() resolves at once when the server never listened", async () => {
  const server = createServer();
  const log = logEvents(server, EVENTS);
  await server.close();
  await server[Symbol.asyncDispose]();
  assertEquals(log, []);
});

Deno.test("TcpServer ref() and unref() may be called at any time, and give the server", async () => {
  const server = createServer();
  assertStrictEquals(server.unref(), server);
  await server.listen(LOCAL);
  assertStrictEquals(server.ref().unref().ref(), server);
  await using _raw = await client(server);
  assert(server.listening);
  await server.close();
});
