import { assert, assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers";
import { type Child, runChild, startChild } from "../_testing/child.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { IDLE_CHILD } from "../_testing/idle_child.ts";
import { LIFETIME_CHILD } from "../_testing/lifetime_child.ts";
import { type Peer, type RawClient, rawConnect, startPeer } from "../_testing/peer.ts";
import { rss } from "../_testing/rss.ts";
import {
  connect,
  createServer,
  NetError,
  type TcpServer,
  type TcpServerOptions,
  type TcpSocket,
  type TcpSocketOptions,
} from "./mod.ts";

const EVENTS = ["connect", "data", "end", "drain", "timeout", "error", "close"];
const MIB = 1_048_576;
const LOOPBACK = { port: 0, hostname: "127.0.0.1" };

/** Opens a socket and sends the peer its command. */
async function openTo(
  peer: Peer,
  command: string,
  options: TcpSocketOptions = {},
): Promise<TcpSocket> {
  const socket = connect({ port: peer.port, hostname: "127.0.0.1" }, options);
  await socket.opened;
  socket.write(`${command}\n`);
  return socket;
}

/** A listening server, and the next socket that it accepts. */
async function listening(
  options: TcpServerOptions = {},
): Promise<{ server: TcpServer; port: number; accepted: Promise<TcpSocket> }> {
  const server = createServer(options);
  const accepted = new Promise<TcpSocket>((resolve) => server.once("connection", resolve));
  await server.listen(LOOPBACK);
  const { address } = server;
  if (address.transport !== "tcp") throw new TypeError("Expected a TCP address");
  return { server, port: address.port, accepted };
}

function codeOf(error: unknown): string {
  return error instanceof NetError ? error.code : String(error);
}

Deno.test("T44 end() leaves the other side open when it is half-open", async () => {
  await using clock = await startPeer();
  const { server, accepted } = await listening({ allowHalfOpen: true });
  const client = connect(server.address);
  const clientLog = logEvents(client, EVENTS);
  client.end("req");
  const socket = await accepted;
  const serverLog = logEvents(socket, EVENTS);
  await nextEvent(socket, "end");
  await clock.after(50);
  socket.end("reply");
  await Promise.all([client.closed, socket.closed]);
  assertEquals(clientLog, ["connect", "data(5)", "end", "close(false)"]);
  assertEquals(serverLog, ["data(3)", "end", "close(false)"]);
  await server.close();
});

Deno.test("T44 TcpSocket ends itself after the peer's end when it is not half-open", async () => {
  await using clock = await startPeer();
  const { server, accepted } = await listening();
  const client = connect(server.address);
  client.resume().end("req");
  const socket = await accepted;
  const log = logEvents(socket, EVENTS);
  await nextEvent(socket, "end");
  await clock.after(50);
  assertEquals(socket.write("late"), false);
  const error = await assertRejects(() => socket.flush());
  assert(["EPIPE", "ERR_SOCKET_CLOSED"].includes(codeOf(error)), codeOf(error));
  await Promise.all([client.closed, socket.closed]);
  assertEquals(log, ["data(3)", "end", "close(false)"]);
  await server.close();
});

Deno.test("T44 end listeners can still answer when the socket is not half-open", async () => {
  const { server, accepted } = await listening();
  const client = connect(server.address);
  const log = logEvents(client, EVENTS);
  client.end("req");
  const socket = await accepted;
  socket.resume().on("end", () => socket.write("reply"));
  await client.closed;
  assertEquals(log, ["connect", "data(5)", "end", "close(false)"]);
  await server.close();
});

/** Everything that a web stream gives, as text. */
async function textOf(readable: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = readable.getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

Deno.test("T45 writable.close() leaves readable open when the answer comes after it", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count H");
  const { readable, writable } = socket;
  const writer = writable.getWriter();
  await writer.write("abc");
  await writer.close();
  assertEquals(await textOf(readable), "TOTAL 3\n");
  await socket.closed;
});

Deno.test("T45 readable's end leaves writable open when the peer has ended", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "fin 20");
  const { readable, writable } = socket;
  assertEquals(await textOf(readable), "");
  const writer = writable.getWriter();
  await writer.write("tail");
  await writer.close();
  const { total, end } = await peer.nextRecord("fin");
  assertEquals([total, end], [4, "eof"]);
  await socket.closed;
});

/** A client that asks and goes on sending, and begins to read the answer 400 ms later. */
async function askAndReadLate(peer: Peer, port: number): Promise<RawClient> {
  const client = await rawConnect({ port, paused: true });
  await client.write("hello\n");
  // It waits in the kernels of both sides, so nobody may wait until it has gone out.
  client.write(new Uint8Array(300_000)).catch(() => {});
  await peer.after(400);
  client.resume();
  return client;
}

for (const way of ["end", "close"] as const) {
  Deno.test(`T46 ${way}() delivers the answer whole when input is left unread`, async () => {
    await using clock = await startPeer();
    const { server, port, accepted } = await listening();
    const asking = askAndReadLate(clock, port);
    const socket = await accepted;
    const chunk = await socket.read();
    assert(chunk !== null, "The client has ended");
    assertEquals(new TextDecoder().decode(chunk.subarray(0, 6)), "hello\n");
    socket.unshift(chunk.subarray(6));
    socket.write(new Uint8Array(MIB).fill(65));
    if (way === "end") socket.end();
    else socket.close();
    await using client = await asking;
    const { how, received, code } = await client.ended;
    assertEquals([how, received, code], ["eof", 1_048_576, null]);
    assertEquals(client.runs, [[65, 1_048_576]]);
    await server.close({ timeout: 0 });
  });
}

Deno.test("T47 end() closes the socket after lingerTimeout when the peer stays silent", async () => {
  await using peer = await startPeer();
  await Promise.all(["reads", "does not read"].map(async (reader) => {
    const socket = await openTo(peer, "stall 60000", { lingerTimeout: 300 });
    if (reader === "reads") socket.on("data", () => {});
    const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
    const start = performance.now();
    socket.end();
    await nextEvent(socket, "close");
    const took = performance.now() - start;
    assert(took >= 295 && took < 800, `Closed after ${took} ms`);
    assertEquals([reader, ...log], [reader, "close(false)"]);
  }));
});

Deno.test("T48 destroy() rejects a pending read() with ERR_SOCKET_CLOSED", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "echo");
  const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
  await socket.flush();
  const reading = assertRejects(() => socket.read(), NetError);
  socket.destroy();
  const destroyed = performance.now();
  assertEquals((await reading).code, "ERR_SOCKET_CLOSED");
  const { at } = await peer.nextClose();
  assert(at - destroyed < 100, `Peer saw the end after ${at - destroyed} ms`);
  await socket.closed;
  socket.destroy();
  await socket.close();
  assertEquals(codeOf(await assertRejects(() => socket.read())), "ERR_SOCKET_CLOSED");
  assertEquals(log, ["close(false)"]);
});

Deno.test("T48 destroy() ends an iteration that is running", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "echo");
  const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
  await socket.flush();
  let destroyed = 0;
  queueMicrotask(() => {
    socket.destroy();
    destroyed = performance.now();
  });
  for await (const chunk of socket) throw new Error(`Unexpected ${chunk.length} bytes`);
  const { at } = await peer.nextClose();
  assert(at - destroyed < 100, `Peer saw the end after ${at - destroyed} ms`);
  await socket.closed;
  assertEquals(log, ["close(false)"]);
});

Deno.test("T48 destroy() settles the reader of readable", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "echo");
  const log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
  await socket.flush();
  const reading = socket.readable.getReader().read().then(({ done }) => done, codeOf);
  socket.destroy();
  const destroyed = performance.now();
  const outcome = await reading;
  assert(outcome === true || outcome === "ERR_SOCKET_CLOSED", `The reader got ${outcome}`);
  const { at } = await peer.nextClose();
  assert(at - destroyed < 100, `Peer saw the end after ${at - destroyed} ms`);
  await socket.closed;
  assertEquals(log, ["close(false)"]);
});

Deno.test("T48 using destroys the socket once, and may come after destroy()", async () => {
  await using peer = await startPeer();
  for (const before of [false, true]) {
    let log: string[];
    let closed: Promise<void>;
    {
      using socket = await openTo(peer, "echo");
      log = logEvents(socket, EVENTS.filter((name) => name !== "data"));
      closed = socket.closed;
      if (before) {
        socket.destroy();
        socket.destroy();
        await closed;
      }
    }
    await closed;
    assertEquals(log, ["close(false)"]);
  }
});

Deno.test("T49 close() refuses new clients and waits for the open one", async () => {
  await using clock = await startPeer();
  const { server, port, accepted } = await listening();
  await using client = await rawConnect({ port });
  const socket = await accepted;
  const log: string[] = [];
  socket.resume().on("close", () => log.push("socket close"));
  server.on("close", () => log.push("server close"));
  const closing = server.close().then(() => log.push("close() resolved"));
  await assertRejects(() => rawConnect({ port }), Error, "ECONNREFUSED");
  await clock.after(100);
  assertEquals(log, []);
  client.end();
  await closing;
  await server.close();
  assertEquals(log, ["socket close", "server close", "close() resolved"]);
});

Deno.test("T49 close() destroys a silent client after its timeout", async () => {
  const { server, port, accepted } = await listening();
  await using client = await rawConnect({ port });
  const socket = await accepted;
  const log: string[] = [];
  socket.resume().on("close", (hadError) => log.push(`socket close(${hadError})`));
  server.on("close", () => log.push("server close"));
  const start = performance.now();
  await server.close({ timeout: 200 });
  const took = performance.now() - start;
  assert(took >= 195 && took < 450, `Closed after ${took} ms`);
  assertEquals(log, ["socket close(false)", "server close"]);
  await client.ended;
});

Deno.test("TcpServer close() rejects with ERR_OUT_OF_RANGE when the timeout is none, and goes on", async () => {
  const { server, port } = await listening();
  for (const timeout of [-1, NaN, "1" as unknown as number]) {
    const { code } = await assertRejects(() => server.close({ timeout }), NetError);
    assertEquals(code, "ERR_OUT_OF_RANGE");
  }
  await using client = await rawConnect({ port });
  client.end();
  await server.close({ timeout: 0 });
});

Deno.test("T50 setTimeout() reports silence once and leaves the socket open", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "stall 60000");
  await socket.flush();
  const log = logEvents(socket, EVENTS);
  const start = performance.now();
  socket.setTimeout(100);
  await nextEvent(socket, "timeout");
  const took = performance.now() - start;
  assert(took >= 95 && took < 650, `Timed out after ${took} ms`);
  await peer.after(350 - took);
  assertEquals([log, socket.readyState], [["timeout"], "open"]);
  socket.destroy();
  await socket.closed;
});

Deno.test("T50 setTimeout() reports nothing while data comes in", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "drip 3 10 60");
  await socket.flush();
  const log = logEvents(socket, EVENTS);
  let last = performance.now();
  let longest = 0;
  const onSign = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  socket.on("data", onSign).on("end", onSign);
  socket.setTimeout(100);
  await socket.closed;
  // On a machine that stalls so long, the silence was real.
  const real = longest < 100 ? log : log.filter((entry) => entry !== "timeout");
  assertEquals(real.filter((entry) => !entry.startsWith("data")), ["end", "close(false)"]);
  assertEquals(socket.bytesRead, 30);
});

Deno.test("T51 small writes leave at once when both sides use the default options", async () => {
  const { server, accepted } = await listening();
  const client = connect(server.address);
  const socket = await accepted;
  let received = 0;
  socket.on("data", (chunk) => {
    for (let index = 0; index < chunk.length; index++) if (++received % 2 === 0) socket.write("ok");
  });
  const start = performance.now();
  for (let round = 0; round < 50; round++) {
    client.write("a");
    await new Promise((resolve) => setImmediate(resolve));
    client.write("b");
    for (let got = 0; got < 2;) got += (await client.read())?.length ?? 2;
  }
  const took = performance.now() - start;
  assertEquals(received, 100);
  assert(took < 500, `50 rounds took ${took} ms`);
  client.destroy();
  await server.close({ timeout: 0 });
});

/** Whether the child ends by itself; if it has not after `ms`, it is said to stay. */
async function endsBy(clock: Peer, child: Child, ms: number): Promise<string> {
  const ended = child.exited.then(({ code, signal }) => `ended ${code ?? signal}`);
  return await Promise.race([ended, clock.after(ms).then(() => "stays")]);
}

Deno.test("T52 a server and a flowing socket hold the process, unless unref() says no", async () => {
  await using peer = await startPeer();
  const expected: [role: string, outcome: string][] = [
    ["server", "stays"],
    ["server unref", "ended 0"],
    ["client", "stays"],
    ["client unref", "ended 0"],
  ];
  for (const [role, outcome] of expected) {
    await using child = startChild(LIFETIME_CHILD, [role, String(peer.port)]);
    await child.nextLine("ready");
    // A process needs a while to end; one that stays has to do so for 700 ms.
    const within = outcome === "stays" ? 700 : 5000;
    assertEquals([role, await endsBy(peer, child, within)], [role, outcome]);
  }
});

Deno.test("T52 a close that is awaited holds the process, unless unref() says no", async () => {
  const expected: [role: string, lines: string[]][] = [
    ["await  server", ["ready", "closed"]],
    ["await unref server", ["ready"]],
    ["await  socket", ["ready", "closed"]],
    ["await unref socket", ["ready"]],
  ];
  for (const [role, lines] of expected) {
    const { stdout, code } = await runChild(LIFETIME_CHILD, [role]);
    assertEquals([role, stdout.trim().split("\n"), code], [role, lines, 0]);
  }
});

/** Connects clients until the child has so many, and gives what it holds then. */
async function heldWith(
  child: Child,
  port: number,
  clients: RawClient[],
  count: number,
): Promise<number> {
  while (clients.length < count) clients.push(await rawConnect({ port }));
  child.writeLine(`measure ${count}`);
  await child.nextLine("measured");
  return rss(child.pid) ?? 0;
}

Deno.test({
  name: "T53 an idle connection holds little memory when there are 2,000" +
    (rss() === null ? " (skipped: no /proc tells the memory)" : ""),
  ignore: rss() === null,
  fn: async () => {
    const env = { DENO_V8_FLAGS: "--expose-gc" };
    await using child = startChild(IDLE_CHILD, [], { env, timeout: 60_000 });
    const clients: RawClient[] = [];
    try {
      const port = Number((await child.nextLine("port")).split(" ")[1]);
      const few = await heldWith(child, port, clients, 50);
      const many = await heldWith(child, port, clients, 2000);
      const each = (many - few) / 1950 / 1024;
      assert(each <= 16, `${each} KiB a connection`);
    } finally {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    }
  },
});
