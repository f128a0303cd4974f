import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Child, runChild, startChild } from "../_testing/child.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { freePort } from "../_testing/free_port.ts";
import { LISTEN_CHILD } from "../_testing/listen_child.ts";
import { netnsAvailable, runInNetns } from "../_testing/netns.ts";
import { openDescriptors } from "../_testing/open_descriptors.ts";
import { type Peer, type RawClient, rawConnect, startPeer } from "../_testing/peer.ts";
import { resetClients } from "../_testing/reset_clients_child.ts";
import {
  connect,
  createServer,
  type ListenTarget,
  NetError,
  type TcpAddress,
  type TcpServer,
  type TcpSocket,
  UsageError,
} from "./mod.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;
const SERVER_EVENTS = ["listening", "connection", "drop", "clientError", "close", "error"];
const SOCKET_EVENTS = ["connect", "data", "end", "drain", "timeout", "error", "close"];

const netnsReason = netnsAvailable();
const netnsNote = netnsReason === null ? "" : ` (skipped: ${netnsReason})`;

function portOf(server: TcpServer): number {
  const { port } = server.address;
  assert(port !== undefined);
  return port;
}

/** The code with which a promise rejects; the error has to be one of ours. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

/** What a raw connect came to: `connected`, or the runtime's code. */
async function rawResult(port: number, host = "127.0.0.1"): Promise<string> {
  try {
    await using _client = await rawConnect({ port, host });
    return "connected";
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

/** Fails unless the server echoes three bytes. */
async function assertEchoes(port: number, host = "127.0.0.1"): Promise<void> {
  await using client = await rawConnect({ port, host });
  await client.write("abc");
  await client.waitFor(3);
  assertEquals(client.text, "abc");
  client.end();
  await client.closed;
}

Deno.test("T01 listen() emits `listening` later and keeps its address when closed", async () => {
  const server = createServer();
  const log = logEvents(server, SERVER_EVENTS);
  const listening = server.listen(LOCAL);
  assertEquals(log, []);
  assertEquals(await listening, server);
  assertEquals(log, ["listening"]);
  const { port } = server.address;
  assert(port !== undefined && port >= 1 && port <= 65_535, `${port}`);
  const expected = { transport: "tcp", address: "127.0.0.1", family: "IPv4", port };
  assertEquals({ ...server.address }, expected as TcpAddress);
  await server.close();
  assertEquals({ ...server.address }, expected as TcpAddress);
  assertEquals(log, ["listening", "close"]);
});

Deno.test("T02 listen() takes IPv4 and IPv6 in when it has no host name", async () => {
  const remotes: unknown[] = [];
  await using server = createServer((socket) => {
    const { address, family } = socket.remoteAddress as TcpAddress;
    remotes.push(`${address}/${family}`);
    socket.pipe(socket);
  });
  await server.listen({ port: 0 });
  await assertEchoes(portOf(server), "127.0.0.1");
  await assertEchoes(portOf(server), "::1");
  assertEquals(remotes, ["127.0.0.1/IPv4", "::1/IPv6"]);
});

Deno.test("T03 listen() never takes IPv4 in when `ipv6Only` is set", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  try {
    await server.listen({ hostname: "::", ipv6Only: true, port: 0 });
  } catch (error) {
    assert(error instanceof NetError);
    assertEquals(error.code, "ERR_FEATURE_UNAVAILABLE");
    assertEquals(server.listening, false);
    return;
  }
  await assertEchoes(portOf(server), "::1");
  assertEquals(await rawResult(portOf(server)), "ECONNREFUSED");
  await server.close();
});

Deno.test({
  name: `T04 listen() takes both addresses of a name on one port${netnsNote}`,
  ignore: netnsReason !== null,
  async fn() {
    const { code, stdout, stderr } = await runInNetns(LISTEN_CHILD, ["localhost"]);
    assertEquals([code, stdout, stderr], [0, "127.0.0.1 echoes\n::1 echoes\n", ""]);
  },
});

Deno.test("T05 listen() rejects with EADDRINUSE when the port is taken", async () => {
  await using peer: Peer = await startPeer();
  await using server = createServer();
  const log = logEvents(server, SERVER_EVENTS);
  const emitted = nextEvent(server, "error");
  const listening = server.listen({ hostname: "127.0.0.1", port: peer.port });
  const error = await assertRejects(() => listening, NetError);
  const { code, errno, syscall, address, port } = error;
  assertEquals(
    { code, errno, syscall, address, port },
    { code: "EADDRINUSE", errno: -98, syscall: "listen", address: "127.0.0.1", port: peer.port },
  );
  assertEquals(await emitted, [error]);
  assertEquals(log, ["error(EADDRINUSE)"]);
  await server.listen(LOCAL);
  assertEquals(log, ["error(EADDRINUSE)", "listening"]);
});

Deno.test("T06 listen() rejects with EADDRNOTAVAIL for an address of another machine", async () => {
  const server = createServer();
  const error = await assertRejects(
    () => server.listen({ hostname: "203.0.113.9", port: 0 }),
    NetError,
  );
  assertEquals([error.code, error.syscall], ["EADDRNOTAVAIL", "listen"]);
  assertEquals(error.address, "203.0.113.9");
  assertEquals(server.listening, false);
});

Deno.test("T07 listen() and connect() refuse bad ports before any socket is opened", async () => {
  const before = openDescriptors();
  for (const bad of [70_000, -1, 1.5, NaN, "abc"]) {
    // A program in plain JavaScript can pass anything.
    const port = bad as number;
    const calls: ((port: number) => unknown)[] = [
      (port) => createServer().listen({ hostname: "127.0.0.1", port }),
      (port) => connect({ hostname: "127.0.0.1", port }).opened,
      (port) => connect(`127.0.0.1:${port}`).opened,
    ];
    for (const call of calls) {
      const error = await assertRejects(async () => await call(port), RangeError);
      assertEquals((error as NetError).code, "ERR_SOCKET_BAD_PORT", `${bad}`);
      assert(error instanceof UsageError);
    }
    assertThrows(() => connect({ hostname: "127.0.0.1", port }), RangeError);
  }
  assertEquals(openDescriptors(), before);
});

Deno.test("T08 listen() is refused while listening, and close() may be called twice", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  const log = logEvents(server, ["listening", "close"]);
  await server.listen(LOCAL);
  assertEquals(await codeOf(server.listen(LOCAL)), "ERR_SERVER_ALREADY_LISTEN");
  await assertEchoes(portOf(server));
  await Promise.all([server.close(), server.close()]);
  await server.close();
  assertEquals(log, ["listening", "close"]);
});

Deno.test("T09 close() frees the port for the next listen() at once, 20 times", async () => {
  const port = await freePort();
  for (let round = 0; round < 20; round++) {
    const server = createServer((socket) => socket.pipe(socket));
    await server.listen({ hostname: "127.0.0.1", port });
    await assertEchoes(port);
    await server.close();
  }
});

Deno.test("T10 a server outlives clients that reset before they were accepted", async () => {
  const logs: string[][] = [];
  await using server = createServer((socket) => {
    logs.push(logEvents(socket, SOCKET_EVENTS));
    socket.on("data", (chunk) => socket.write(chunk));
  });
  await server.listen(LOCAL);
  // No turn of this process passes meanwhile.
  resetClients(portOf(server), 3);
  const start = performance.now();
  await using good = await rawConnect({ port: portOf(server) });
  await good.write("abc");
  await good.waitFor(3);
  const ms = performance.now() - start;
  assert(ms < 500, `${ms} ms`);
  assertEquals(server.listening, true);
  good.end();
  await good.closed;
  // Would wait for ever for a dead client that was never noticed.
  await server.close();
  const good3 = logs.filter((log) => log[0] === "data(3)");
  assertEquals(good3, [["data(3)", "end", "close(false)"]]);
  for (const log of logs) assert(log.at(-1)?.startsWith("close("), log.join(", "));
});

interface Flood {
  readonly cpu: number;
  readonly drops: number;
  readonly reasons: readonly string[];
}

async function measure(child: Child, ms: number): Promise<Flood> {
  child.writeLine(`measure ${ms}`);
  const cpu = Number((await child.nextLine("cpu")).split(" ")[1]);
  const [, drops, ...reasons] = (await child.nextLine("drops")).split(" ");
  return { cpu, drops: Number(drops), reasons };
}

Deno.test("T11 a server that is out of descriptors stays calm and recovers", async () => {
  await using child = startChild(LISTEN_CHILD, ["flood"], {
    prefix: ["sh", "-c", 'ulimit -n 100; exec "$@"', "--"],
    timeout: 30_000,
  });
  const port = Number((await child.nextLine("port")).split(" ")[1]);
  const attempts = Array.from({ length: 300 }, () => rawConnect({ port }));
  const results = await Promise.allSettled(attempts);
  const clients: RawClient[] = results.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : []
  );
  const { cpu, drops, reasons } = await measure(child, 3000);
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  const start = performance.now();
  // Node has accepted and closed the clients that it had no descriptor for: one that comes before
  // the others are gone would be closed too.
  child.writeLine("idle");
  await child.nextLine("idle");
  await assertEchoes(port);
  const ms = performance.now() - start;
  assert(cpu < 500, `${cpu} ms of processor time`);
  assert(drops > 0 && reasons.includes("EMFILE"), `${drops} drops: ${reasons}`);
  assert(ms < 2000, `Served after ${ms} ms`);
});

Deno.test("T12 `maxConnections` turns clients away until one leaves", async () => {
  await using server = createServer({ maxConnections: 1 }, (socket) => socket.pipe(socket));
  await server.listen(LOCAL);
  const port = portOf(server);
  const accepted = nextEvent(server, "connection");
  const drops: unknown[] = [];
  server.on("drop", ({ reason, remoteAddress }) => {
    drops.push([reason, remoteAddress?.address, remoteAddress?.port]);
  });
  await using a = await rawConnect({ port });
  const [socketOfA] = await accepted as [TcpSocket];
  const start = performance.now();
  await using b = await rawConnect({ port });
  const { how, received, code, at } = await b.ended;
  assert(how === "eof" || code === "ECONNRESET", `${how} ${code}`);
  assert(at - start < 500, `${at - start} ms`);
  assertEquals(received, 0);
  assertEquals(drops, [["maxConnections", "127.0.0.1", b.localPort]]);
  await a.write("abc");
  await a.waitFor(3);
  a.end();
  await socketOfA.closed;
  await assertEchoes(port);
  assertEquals(drops.length, 1);
});

Deno.test("T13 a server outlives the error of a socket that nobody listens to", async () => {
  await using server = createServer((socket) => socket.pipe(socket));
  const log = logEvents(server, ["clientError"]);
  await server.listen(LOCAL);
  const accepted = nextEvent(server, "connection");
  const client = await rawConnect({ port: portOf(server) });
  const [socket] = await accepted as [TcpSocket];
  const closed = nextEvent(socket, "close");
  client.reset();
  assertEquals(await closed, [true]);
  assertEquals(log, ["clientError(ECONNRESET)"]);
  await assertEchoes(portOf(server));
});

Deno.test("listen() takes a port, a path and options alike", async () => {
  for (const target of [0, { port: 0 }, { port: 0, hostname: "[::1]" }] as ListenTarget[]) {
    await using server = await createServer((socket) => socket.pipe(socket)).listen(target);
    await assertEchoes(portOf(server), "::1");
  }
});

Deno.test("listen() refuses bad targets with our codes", async () => {
  const bad: [unknown, string][] = [
    ["", "ERR_INVALID_ARG_VALUE"],
    [{ path: "" }, "ERR_INVALID_ARG_VALUE"],
    [{ path: 5 }, "ERR_INVALID_ARG_VALUE"],
    [{ port: 0, hostname: "" }, "ERR_INVALID_ARG_VALUE"],
    [{ port: 0, hostname: "a b" }, "ERR_INVALID_ARG_VALUE"],
    [{ port: 0, hostname: "http://[::1]/" }, "ERR_INVALID_ARG_VALUE"],
    [{ port: 0, hostname: 5 }, "ERR_INVALID_ARG_VALUE"],
    [{ port: 0, backlog: -1 }, "ERR_OUT_OF_RANGE"],
    [{ port: 0, backlog: 1.5 }, "ERR_OUT_OF_RANGE"],
    [{ port: "80" }, "ERR_SOCKET_BAD_PORT"],
    [{}, "ERR_SOCKET_BAD_PORT"],
    [null, "ERR_SOCKET_BAD_PORT"],
    [undefined, "ERR_SOCKET_BAD_PORT"],
  ];
  for (const [target, code] of bad) {
    const server = createServer();
    const found = await codeOf(server.listen(target as ListenTarget));
    assertEquals([target, found], [target, code]);
    assertEquals(server.listening, false);
  }
});

Deno.test("createServer() and close() refuse numbers that are out of range", async () => {
  const bad = [
    { maxConnections: -1 },
    { maxConnections: NaN },
    { highWaterMark: 0 },
    { lingerTimeout: -1 },
    { keepAliveDelay: NaN },
  ];
  for (const options of bad) {
    const error = assertThrows(() => createServer(options), RangeError);
    assertEquals([options, (error as NetError).code], [options, "ERR_OUT_OF_RANGE"]);
  }
  await using server = await createServer().listen(LOCAL);
  for (const timeout of [-1, NaN]) {
    assertEquals(await codeOf(server.close({ timeout })), "ERR_OUT_OF_RANGE");
  }
  assertEquals(server.listening, true);
});

Deno.test("address throws before the server ever listened, connections counts", async () => {
  await using server = createServer((socket) => socket.pipe(socket));
  const error = assertThrows(() => server.address, UsageError);
  assertEquals(error.code, "ERR_SERVER_NOT_RUNNING");
  await server.listen(LOCAL);
  assertEquals([server.listening, server.connections], [true, 0]);
  const accepted = nextEvent(server, "connection");
  await using client = await rawConnect({ port: portOf(server) });
  const [socket] = await accepted as [TcpSocket];
  assertEquals(server.connections, 1);
  client.end();
  await socket.closed;
  assertEquals(server.connections, 0);
});

Deno.test("iteration gives the sockets and a break closes the server", async () => {
  const server = await createServer().listen(LOCAL);
  const log = logEvents(server, ["close", "drop"]);
  const clients = [await rawConnect({ port: portOf(server) })];
  clients.push(await rawConnect({ port: portOf(server) }));
  const ports: unknown[] = [];
  for await (const socket of server) {
    ports.push(socket.remoteAddress?.port);
    socket.end("bye");
    if (ports.length === 2) break;
  }
  assertEquals(ports, clients.map((client) => client.localPort));
  for (const client of clients) assertEquals((await client.ended).received, 3);
  for (const client of clients) await client[Symbol.asyncDispose]();
  await server.close();
  assertEquals(log, ["close"]);
  assertEquals(await rawResult(portOf(server)), "ECONNREFUSED");
});

Deno.test("iteration ends when the server closes", async () => {
  const server = await createServer().listen(LOCAL);
  let count = 0;
  const loop = (async () => {
    for await (const socket of server) {
      count++;
      await socket.close();
    }
  })();
  await using client = await rawConnect({ port: portOf(server) });
  await client.ended;
  client.end();
  await server.close();
  await loop;
  assertEquals(count, 1);
});

Deno.test("iteration and `connection` listeners exclude each other", async () => {
  await using iterated = await createServer().listen(LOCAL);
  const iterator = iterated[Symbol.asyncIterator]();
  const next = iterator.next();
  const error = assertThrows(() => iterated.on("connection", () => {}), UsageError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  assertEquals(iterated.listenerCount("connection"), 0);
  await using client = await rawConnect({ port: portOf(iterated) });
  const { value } = await next as { value: TcpSocket };
  assertEquals(value.remoteAddress?.port, client.localPort);
  client.end();
  await value.close();
  await iterator.return?.();

  await using listened = await createServer(() => {}).listen(LOCAL);
  const second = listened[Symbol.asyncIterator]();
  assertEquals(await codeOf(second.next()), "ERR_INVALID_STATE");
  assertEquals(listened.listening, true);
});

Deno.test("sockets wait with their data for a late `connection` listener", async () => {
  await using server = await createServer().listen(LOCAL);
  const clients = [await rawConnect({ port: portOf(server) })];
  clients.push(await rawConnect({ port: portOf(server) }));
  for (const client of clients) await client.write(`${client.localPort}`);
  await using peer = await startPeer();
  await peer.after(50);
  assertEquals(server.connections, 2);
  const texts: string[] = [];
  const done = new Promise<void>((resolve) => {
    server.on("connection", async (socket) => {
      texts.push(new TextDecoder().decode(await socket.read() ?? undefined));
      socket.end();
      if (texts.length === 2) resolve();
    });
  });
  await done;
  assertEquals(texts, clients.map((client) => `${client.localPort}`));
  for (const client of clients) await client[Symbol.asyncDispose]();
});

Deno.test("close() lets go the sockets that nobody took", async () => {
  const server = await createServer().listen(LOCAL);
  await using client = await rawConnect({ port: portOf(server) });
  await using peer = await startPeer();
  await peer.after(50);
  assertEquals(server.connections, 1);
  await server.close();
  assertEquals(server.connections, 0);
  assertEquals((await client.ended).received, 0);
});

Deno.test("listen() does nothing when its signal was aborted before", async () => {
  const reason = new Error("Stop");
  const server = createServer();
  const log = logEvents(server, SERVER_EVENTS);
  const before = openDescriptors();
  const caught = await server.listen({ ...LOCAL, signal: AbortSignal.abort(reason) })
    .catch((error) => error);
  assert(caught === reason);
  assertEquals([server.listening, log], [false, []]);
  assertEquals(openDescriptors(), before);
});

Deno.test("listen() rejects and leaves nothing open when its signal aborts at once", async () => {
  const reason = new Error("Stop");
  const controller = new AbortController();
  await using server = createServer();
  const log = logEvents(server, ["listening"]);
  const port = await freePort();
  const listening = server.listen({ ...LOCAL, port, signal: controller.signal });
  controller.abort(reason);
  const caught = await listening.catch((error) => error);
  assert(caught === reason);
  assertEquals([server.listening, log], [false, []]);
  assertEquals(await rawResult(port), "ECONNREFUSED");
});

Deno.test("listen() closes the server when its signal aborts later", async () => {
  const controller = new AbortController();
  const server = createServer((socket) => socket.pipe(socket));
  const log = logEvents(server, ["listening", "close"]);
  await server.listen({ ...LOCAL, signal: controller.signal });
  await using client = await rawConnect({ port: portOf(server) });
  await client.write("abc");
  await client.waitFor(3);
  const closed = nextEvent(server, "close");
  controller.abort();
  assertEquals(await rawResult(portOf(server)), "ECONNREFUSED");
  // What is open may finish.
  await client.write("def");
  await client.waitFor(6);
  client.end();
  await closed;
  assertEquals(log, ["listening", "close"]);
});

Deno.test("listen() works again after close(), whatever becomes of the first signal", async () => {
  const first = new AbortController();
  await using server = createServer((socket) => socket.pipe(socket));
  const log = logEvents(server, ["listening", "close"]);
  await server.listen({ ...LOCAL, signal: first.signal });
  await assertEchoes(portOf(server));
  await server.close();
  await server.listen(LOCAL);
  first.abort();
  await assertEchoes(portOf(server));
  assertEquals(log, ["listening", "close", "listening"]);
});

Deno.test("close() while listen() is under way stops it", async () => {
  const server = createServer();
  const log = logEvents(server, ["listening", "close"]);
  const listening = server.listen(LOCAL);
  await Promise.all([listening, server.close()]);
  assertEquals([server.listening, log.at(-1)], [false, "close"]);
  assertEquals(await rawResult(portOf(server)), "ECONNREFUSED");
});

Deno.test("a `connection` listener that throws does not stop the accepting", async () => {
  const result = await runChild(LISTEN_CHILD, ["throwing"]);
  assertEquals([result.code, result.stderr], [0, ""]);
  assertEquals(result.stdout, "uncaught Thrown by a listener\nechoed\n");
});

Deno.test("ref() and unref() say whether a listening server holds the process", async () => {
  for (const calls of [["before:unref"], ["after:unref"], ["before:unref", "after:unref"]]) {
    const { code, stdout } = await runChild(LISTEN_CHILD, ["life", ...calls]);
    assertEquals([calls, code, stdout], [calls, 0, "listening\n"]);
  }
  await using peer = await startPeer();
  for (const calls of [[], ["after:unref", "after:ref"], ["before:unref", "after:ref"]]) {
    await using child = startChild(LISTEN_CHILD, ["life", ...calls]);
    child.closeInput();
    await child.nextLine("listening");
    await peer.after(300);
    child.kill("SIGTERM");
    assertEquals([calls, (await child.exited).signal], [calls, "SIGTERM"]);
  }
});
