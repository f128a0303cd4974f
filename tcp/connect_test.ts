import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChild, startChild } from "../_testing/child.ts";
import {
  CONNECT_CHILD,
  type ConnectAttempt,
  type ConnectFailure,
  type ConnectOutcome,
  type ConnectTask,
} from "../_testing/connect_child.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { freePort } from "../_testing/free_port.ts";
import { netnsAvailable, type NetnsOptions, runInNetns } from "../_testing/netns.ts";
import { openDescriptors } from "../_testing/open_descriptors.ts";
import { startPeer } from "../_testing/peer.ts";
import {
  connect,
  type ConnectOptions,
  type ConnectTarget,
  createServer,
  NetError,
  type TcpSocket,
  UsageError,
} from "./mod.ts";

const HOST = "127.0.0.1";
const SOCKET_EVENTS = ["connect", "data", "end", "drain", "timeout", "error", "close"];

const netnsReason = netnsAvailable();

/** A row that needs the namespace rig. */
function inRig(name: string, fn: () => Promise<void>): void {
  const note = netnsReason === null ? "" : ` (skipped: ${netnsReason})`;
  Deno.test({ name: name + note, ignore: netnsReason !== null, fn });
}

/** Connects inside the rig, one attempt after the other. */
async function connectInRig(
  attempts: readonly ConnectAttempt[],
  listen: ConnectTask["listen"] | null = null,
  options: NetnsOptions = {},
): Promise<ConnectOutcome[]> {
  const task: ConnectTask = listen === null ? { attempts } : { attempts, listen };
  const { code, stdout, stderr } = await runInNetns(CONNECT_CHILD, [JSON.stringify(task)], options);
  assertEquals([code, stderr], [0, ""]);
  const outcomes = stdout.trim().split("\n").map((line): ConnectOutcome => JSON.parse(line));
  assertEquals(outcomes.length, attempts.length);
  return outcomes;
}

function failureOf(outcome: ConnectOutcome | undefined): ConnectFailure {
  assert(outcome !== undefined && outcome.failure !== null, JSON.stringify(outcome));
  return outcome.failure;
}

function assertWithin(ms: number | undefined, low: number, high: number): void {
  assert(ms !== undefined && ms >= low && ms <= high, `${ms} ms, not ${low} to ${high}`);
}

/** What a promise rejects with; fails if it resolves. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const settled = await promise.then(() => ({ error: null }), (error: unknown) => ({ error }));
  assert(settled.error !== null, "Expected a rejection");
  return settled.error;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

/** Sends three bytes and expects them back. */
async function assertEchoes(socket: TcpSocket): Promise<void> {
  socket.write("abc");
  const chunk = await socket.read();
  assertEquals(new TextDecoder().decode(chunk ?? undefined), "abc");
}

Deno.test("T14 connect() reports ECONNREFUSED with address and port when nobody listens", async () => {
  const port = await freePort();
  const expected = { code: "ECONNREFUSED", errno: -111, syscall: "connect", address: HOST, port };
  const fieldsOf = ({ code, errno, syscall, address, port }: NetError) => {
    return { code, errno, syscall, address, port };
  };
  const read = connect({ hostname: HOST, port });
  const failure = await assertRejects(() => read.opened, NetError);
  assertEquals(fieldsOf(failure), expected);
  for (const later of ["read", "flush", "close"] as const) {
    assertStrictEquals(await rejection(read[later]()), failure);
  }

  const socket = connect({ hostname: HOST, port });
  const log = logEvents(socket, SOCKET_EVENTS);
  const failed = nextEvent(socket, "error");
  const closed = nextEvent(socket, "close");
  const [error] = await failed as [NetError];
  assertEquals(fieldsOf(error), expected);
  assertEquals(await closed, [true]);
  assertEquals(log, ["error(ECONNREFUSED)", "close(true)"]);
  assertStrictEquals(await rejection(socket.opened), error);
  assertStrictEquals(await rejection(socket.closed), error);
});

inRig("T15 connect() collects the failures of every address of a name", async () => {
  const failure = failureOf((await connectInRig([{ hostname: "both.test", port: 81 }]))[0]);
  assertEquals(failure.code, "ECONNREFUSED");
  assert(failure.message !== "");
  assertEquals(failure.errors?.map(({ address }) => address), ["::1", "127.0.0.1"]);
  assertEquals(failure.errors?.map(({ code }) => code), ["ECONNREFUSED", "ECONNREFUSED"]);
});

inRig("T16 connect() tells an unknown name from a failing name server", async () => {
  const names = ["nope.test", "servfail.test"];
  const outcomes = await connectInRig(names.map((hostname) => ({ hostname, port: 81 })));
  const shown = outcomes.map((outcome) => {
    const { code, syscall, hostname } = failureOf(outcome);
    return [code, syscall, hostname];
  });
  assertEquals(shown, [
    ["ENOTFOUND", "getaddrinfo", "nope.test"],
    ["EAI_AGAIN", "getaddrinfo", "servfail.test"],
  ]);
});

inRig("T17 connect() tells why an address cannot be reached", async () => {
  const hosts = ["8.8.8.8", "10.98.0.2", "10.99.0.2"];
  const outcomes = await connectInRig(hosts.map((hostname) => ({ hostname, port: 81 })));
  const shown = outcomes.map((outcome) => {
    const { code, syscall, address, port } = failureOf(outcome);
    return [code, syscall, address, port];
  });
  assertEquals(shown, [
    ["ENETUNREACH", "connect", "8.8.8.8", 81],
    ["EHOSTUNREACH", "connect", "10.98.0.2", 81],
    ["ETIMEDOUT", "connect", "10.99.0.2", 81],
  ]);
  assertWithin(outcomes[2]?.ms, 2950, 3550);
});

inRig("T18 connect() gives up at its `connectTimeout` and closes the descriptor", async () => {
  const options = { connectTimeout: 200 };
  const attempt = { hostname: "10.99.0.2", port: 80, options };
  const [outcome] = await connectInRig([attempt]);
  const { code, syscall, address, port } = failureOf(outcome);
  assertEquals([code, syscall, address, port], ["ETIMEDOUT", "connect", "10.99.0.2", 80]);
  assertWithin(outcome?.ms, 200, 450);
  const [before, after] = outcome?.descriptors ?? [];
  assertEquals(after, before);
});

Deno.test("T19 connect() does no I/O and emits nothing when its signal was aborted before", async () => {
  await using peer = await startPeer();
  const reason = new Error("Never mind");
  const signal = AbortSignal.abort(reason);
  const socket = connect({ hostname: HOST, port: peer.port }, { signal });
  const log = logEvents(socket, SOCKET_EVENTS);
  assertStrictEquals(await rejection(socket.opened), reason);
  assertStrictEquals(await rejection(socket.closed), reason);
  assertEquals(socket.write("x"), false);
  assertStrictEquals(await rejection(socket.flush()), reason);
  await peer.after(300);
  assertEquals([peer.connections, log], [0, []]);
  assertEquals([socket.readyState, socket.destroyed], ["closed", true]);
});

inRig("T20 connect() rejects with the reason when aborted while resolving or waiting", async () => {
  const outcomes = await connectInRig([
    { hostname: "10.99.0.2", port: 80, abortAfter: 100 },
    // Nothing can stop a lookup of the C library: its descriptor goes with it, after 5 s.
    { hostname: "slow.test", port: 80, abortAfter: 100, descriptorsWithin: 7000 },
  ]);
  for (const { isReason, failure, ms, descriptors } of outcomes) {
    assertEquals([isReason, failure?.message], [true, "Enough"]);
    assertWithin(ms, 95, 200);
    assertEquals(descriptors[1], descriptors[0]);
  }
});

Deno.test("T21 an abort after connect() has connected changes nothing", async () => {
  await using peer = await startPeer();
  const controller = new AbortController();
  const { signal } = controller;
  await using socket = connect({ hostname: HOST, port: peer.port }, { signal });
  await socket.opened;
  controller.abort();
  socket.write("echo\n");
  await assertEchoes(socket);
  assertEquals(socket.destroyed, false);
});

inRig("T22 connect() goes on to IPv4 when the IPv6 address is dead", async () => {
  const listen = { host: HOST, port: 8085 };
  const attempt = { hostname: "v6dead.test", port: 8085 };
  const quick = { ...attempt, options: { attemptDelay: 50 } };
  const outcomes = await connectInRig([attempt, quick], listen);
  assertEquals(outcomes.map(({ remote }) => remote), [HOST, HOST]);
  assertWithin(outcomes[0]?.ms, 200, 600);
  assertWithin(outcomes[1]?.ms, 45, 200);
});

inRig("T23 connect() does not give up a slow address when a dead one is tried too", async () => {
  const attempt = { hostname: "v4dead.test", port: 8085 };
  const [outcome] = await connectInRig([attempt], null, { slowPeer: true });
  assertEquals(outcome?.remote, "::1", outcome?.failure?.message);
  assertWithin(outcome?.ms, 900, 1800);
});

Deno.test("T24 what is written before `connect` is sent after it", async () => {
  await using peer = await startPeer();
  const socket = connect({ hostname: HOST, port: peer.port });
  const log = logEvents(socket, SOCKET_EVENTS);
  const closed = nextEvent(socket, "close");
  assertEquals(socket.write("send 3\n"), true);
  assertEquals([socket.readyState, socket.bufferedAmount], ["opening", 7]);
  await closed;
  assertEquals(log, ["connect", "data(3)", "end", "close(false)"]);
  assertEquals(socket.bytesWritten, 7);
});

Deno.test("write() before `connect` holds back at the limit and drains once", async () => {
  await using peer = await startPeer();
  const socket = connect({ hostname: HOST, port: peer.port });
  const log = logEvents(socket, ["connect", "drain", "close"]);
  const answers = [socket.write("count A\n"), socket.write(new Uint8Array(1 << 20))];
  socket.end();
  assertEquals(answers, [true, false]);
  const { total, end } = await peer.nextRecord("A");
  assertEquals([total, end], [1 << 20, "eof"]);
  await socket.close();
  assertEquals(log, ["connect", "drain", "close(false)"]);
});

Deno.test("connect() takes each form of a TCP target", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  await using _server = await server.listen({ port: 0 });
  const { port } = server.address;
  assert(port !== undefined);
  const targets: [ConnectTarget, string | null][] = [
    [port, null],
    [{ port }, null],
    [`:${port}`, null],
    [`localhost:${port}`, null],
    [`127.0.0.1:${port}`, HOST],
    [`[::1]:${port}`, "::1"],
    [{ hostname: HOST, port }, HOST],
    [{ hostname: "::1", port }, "::1"],
    [{ hostname: "[::1]", port }, "::1"],
    [{ transport: "tcp", address: "::1", family: "IPv6", port }, "::1"],
    // The address of the server itself is `::`, which connects to this machine.
    [server.address, null],
  ];
  for (const [target, address] of targets) {
    await using socket = connect(target);
    const { localAddress, remoteAddress } = await socket.opened;
    assertEquals(remoteAddress?.port, port, JSON.stringify(target));
    if (address !== null) assertEquals(remoteAddress?.address, address);
    assertEquals(socket.remoteAddress, remoteAddress);
    assertEquals(socket.localAddress, localAddress);
    await assertEchoes(socket);
  }
});

Deno.test("connect() takes each form of a Unix path", async () => {
  const folder = mkdtempSync(join(tmpdir(), "connect-"));
  try {
    await using server = createServer((socket) => socket.pipe(socket));
    const path = join(folder, "s");
    await server.listen(path);
    for (const target of [path, { path }, server.address]) {
      await using socket = connect(target);
      const { remoteAddress } = await socket.opened;
      assertEquals(remoteAddress, { transport: "unix", path });
      await assertEchoes(socket);
    }
    assertEquals(await codeOf(connect(join(folder, "none")).opened), "ENOENT");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("connect() calls its listener, and both ends agree on their addresses", async () => {
  await using server = createServer((socket) => socket.pipe(socket));
  await server.listen({ hostname: HOST, port: 0 });
  const accepted = nextEvent(server, "connection");
  const calls: unknown[] = [];
  await using socket = connect(server.address, {}, () => calls.push(socket.readyState));
  const { localAddress } = await socket.opened;
  const [other] = await accepted as [TcpSocket];
  assertEquals(calls, ["open"]);
  assertEquals(other.remoteAddress, localAddress);
  assertEquals(other.localAddress, socket.remoteAddress);
});

Deno.test("connect() throws for hosts and targets that can be none", () => {
  const before = openDescriptors();
  const long = "x".repeat(256);
  const bad: [unknown, string][] = [
    [{ hostname: "", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "a b", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "a\0b", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "http://a", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "user@host", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "::1::", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: "[::1", port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: long, port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ hostname: 5, port: 1 }, "ERR_INVALID_ARG_VALUE"],
    [{ path: "" }, "ERR_INVALID_ARG_VALUE"],
    [{ path: 5 }, "ERR_INVALID_ARG_VALUE"],
    ["/" + "x".repeat(200), "ENAMETOOLONG"],
    ["::1", "ERR_INVALID_ARG_VALUE"],
    ["a b:80", "ERR_INVALID_ARG_VALUE"],
    ["localhost", "ERR_SOCKET_BAD_PORT"],
    ["localhost:http", "ERR_SOCKET_BAD_PORT"],
    ["localhost:70000", "ERR_SOCKET_BAD_PORT"],
    ["localhost:", "ERR_SOCKET_BAD_PORT"],
    ["", "ERR_SOCKET_BAD_PORT"],
    [{}, "ERR_SOCKET_BAD_PORT"],
    [null, "ERR_SOCKET_BAD_PORT"],
    [undefined, "ERR_SOCKET_BAD_PORT"],
  ];
  for (const [target, code] of bad) {
    const error = assertThrows(() => connect(target as ConnectTarget), NetError);
    assertEquals([target, error.code], [target, code]);
  }
  assertEquals(openDescriptors(), before);
});

Deno.test("connect() throws for options that can be none", () => {
  const bad: [ConnectOptions, string][] = [
    [{ connectTimeout: -1 }, "ERR_OUT_OF_RANGE"],
    [{ connectTimeout: NaN }, "ERR_OUT_OF_RANGE"],
    [{ connectTimeout: "5" as unknown as number }, "ERR_OUT_OF_RANGE"],
    [{ attemptDelay: -1 }, "ERR_OUT_OF_RANGE"],
    [{ highWaterMark: 0 }, "ERR_OUT_OF_RANGE"],
    [{ highWaterMark: NaN }, "ERR_OUT_OF_RANGE"],
    [{ lingerTimeout: -1 }, "ERR_OUT_OF_RANGE"],
    [{ keepAliveDelay: -1 }, "ERR_OUT_OF_RANGE"],
    [{ localAddress: "localhost" }, "ERR_INVALID_ARG_VALUE"],
    [{ localAddress: "" }, "ERR_INVALID_ARG_VALUE"],
  ];
  for (const [options, code] of bad) {
    const error = assertThrows(() => connect({ hostname: HOST, port: 1 }, options), NetError);
    assertEquals([options, error.code], [options, code]);
    assert(error instanceof UsageError);
    assert(error instanceof (code === "ERR_OUT_OF_RANGE" ? RangeError : TypeError));
  }
});

Deno.test("connect() takes `localAddress` and `family` into account", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  await using _server = await server.listen({ port: 0 });
  const { port } = server.address;
  assert(port !== undefined);
  await using from = connect({ hostname: HOST, port }, { localAddress: "127.0.0.2" });
  assertEquals((await from.opened).localAddress?.address, "127.0.0.2");
  await assertEchoes(from);
  const other = connect({ hostname: HOST, port }, { family: 6 });
  assertEquals(await codeOf(other.opened), "EAFNOSUPPORT");
});

Deno.test("connect() refuses a `family` that is none", async () => {
  const options = { family: 5 as 4 };
  const open = async () => await connect({ hostname: HOST, port: 1 }, options).opened;
  assertEquals(await codeOf(open()), "ERR_INVALID_ARG_VALUE");
});

inRig("connect() uses only the addresses of `family`", async () => {
  const attempt = { hostname: "localhost", port: 8085 };
  const families = ([4, 6] as const).map((family) => ({ ...attempt, options: { family } }));
  const [four, six] = await connectInRig(families, { host: "::", port: 8085 });
  assertEquals([four?.remote, six?.remote], [HOST, "::1"]);
});

Deno.test("connect() does not take a long `connectTimeout` for a short one", async () => {
  const port = await freePort();
  const { code, stdout, stderr } = await runChild(CONNECT_CHILD, [JSON.stringify(
    {
      listen: { host: HOST, port },
      attempts: [{ hostname: HOST, port, options: { connectTimeout: 2 ** 40 } }],
    } satisfies ConnectTask,
  )]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals((JSON.parse(stdout) as ConnectOutcome).remote, HOST);
});

Deno.test("destroy() while connecting closes without an error", async () => {
  await using peer = await startPeer();
  for (const hostname of [HOST, "localhost"]) {
    const socket = connect({ hostname, port: peer.port });
    const log = logEvents(socket, ["connect", "end", "drain", "error", "close"]);
    const { opened, closed } = socket;
    const read = socket.read().catch((error: NetError) => error.code);
    socket.write("echo\n");
    const flushed = socket.flush().catch((error: NetError) => error.code);
    socket.destroy();
    socket.destroy();
    assertEquals(socket.readyState, "closed");
    assertEquals(await codeOf(opened), "ERR_SOCKET_CLOSED");
    assertEquals([await read, await flushed], ["ERR_SOCKET_CLOSED", "ERR_SOCKET_CLOSED"]);
    await closed;
    assertEquals(log, ["close(false)"]);
    assertEquals(await codeOf(socket.read()), "ERR_SOCKET_CLOSED");
  }
  await peer.after(100);
  assertEquals(peer.open, 0);
});

Deno.test("destroy(error) while connecting emits that error", async () => {
  await using peer = await startPeer();
  const socket = connect({ hostname: HOST, port: peer.port });
  const log = logEvents(socket, ["connect", "error", "close"]);
  const { opened, closed } = socket;
  const error = new RangeError("Changed my mind");
  socket.destroy(error);
  assertStrictEquals(await rejection(opened), error);
  assertStrictEquals(await rejection(closed), error);
  assertEquals(log, ["error(RangeError)", "close(true)"]);
});

Deno.test("close() while connecting sends what was written, then closes", async () => {
  await using peer = await startPeer();
  const socket = connect({ hostname: HOST, port: peer.port });
  const log = logEvents(socket, ["connect", "end", "error", "close"]);
  socket.write("count A\nabc");
  await socket.close();
  assertEquals((await peer.nextRecord("A")).total, 3);
  assertEquals(log, ["connect", "end", "close(false)"]);
});

Deno.test("an abort while connecting is an `error` for listeners and no crash without", async () => {
  await using peer = await startPeer();
  const reason = new Error("Enough");
  const controller = new AbortController();
  const { signal } = controller;
  const target = { hostname: HOST, port: peer.port };
  const heard = connect(target, { signal });
  const log = logEvents(heard, SOCKET_EVENTS);
  const failed = nextEvent(heard, "error");
  const closed = nextEvent(heard, "close");
  const unheard = connect(target, { signal });
  const unheardClosed = nextEvent(unheard, "close");
  controller.abort(reason);
  assertStrictEquals((await failed)[0], reason);
  assertEquals([await closed, await unheardClosed], [[true], [true]]);
  assertEquals(log, ["error(Error)", "close(true)"]);
  assertStrictEquals(await rejection(unheard.opened), reason);
});

Deno.test("connect() leaves no listener on its signal", async () => {
  await using peer = await startPeer();
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener(name: string, listener: () => void, options?: { once: boolean }) {
      listeners.add(listener);
      addEventListener.call(signal, name, listener, options);
    },
    removeEventListener(name: string, listener: () => void) {
      listeners.delete(listener);
      removeEventListener.call(signal, name, listener);
    },
  });
  await using socket = connect({ hostname: HOST, port: peer.port }, { signal });
  await socket.opened;
  const refused = connect({ hostname: HOST, port: await freePort() }, { signal });
  await rejection(refused.opened);
  assertEquals(listeners.size, 0);
});

Deno.test("a failed connect() that nobody listens to is an uncaught exception", async () => {
  const port = await freePort();
  const { code, stderr } = await runChild(CONNECT_CHILD, ["unheard", `${port}`]);
  assert(code !== 0);
  assert(stderr.includes(`Cannot connect to 127.0.0.1:${port}`), stderr);
  assert(stderr.includes("ECONNREFUSED"), stderr);
});

Deno.test("unref() before `connect` lets the process end", async () => {
  await using peer = await startPeer();
  const idle = ["idle", `${peer.port}`, "unref"];
  const { code, stdout } = await runChild(CONNECT_CHILD, idle);
  assertEquals([code, stdout], [0, "connected\n"]);
  await using held = startChild(CONNECT_CHILD, [...idle, "ref"]);
  held.closeInput();
  await held.nextLine("connected");
  await peer.after(300);
  held.kill("SIGTERM");
  assertEquals((await held.exited).signal, "SIGTERM");
});
