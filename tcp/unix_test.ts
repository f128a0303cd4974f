import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ByteRun } from "../_testing/byte_runs.ts";
import { logEvents } from "../_testing/event_log.ts";
import { rawConnect, startPeer } from "../_testing/peer.ts";
import { connect, createServer, NetError, type TcpSocket } from "./mod.ts";

const MIB = 1_048_576;
/** All but `connect`: the log of a socket that is open already. */
const EVENTS = ["data", "end", "drain", "timeout", "error", "close"];

/** A folder for sockets, removed when disposed. */
class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "unix-"));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Leaves a socket file that nobody listens at, as a server does that was killed. */
async function leaveStale(path: string): Promise<void> {
  const aside = `${path}.aside`;
  await using peer = await startPeer({ path: aside });
  // The end of the listener removes its own name only.
  linkSync(aside, path);
  assertEquals(peer.connections, 0);
}

async function openTo(path: string, command: string): Promise<TcpSocket> {
  const socket = connect({ path });
  await socket.opened;
  socket.write(`${command}\n`);
  return socket;
}

async function textOf(socket: TcpSocket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += new TextDecoder().decode(chunk);
  return text;
}

const { platform } = process;

function unixTest(name: string, fn: () => Promise<void>): void {
  const shown = platform === "win32" ? `${name} (skipped: Windows)` : name;
  Deno.test({ name: shown, ignore: platform === "win32", fn });
}

unixTest("T54 listen() serves a Unix socket and removes its file when closed", async () => {
  using folder = new Folder();
  const path = folder.file("a.sock");
  const remotes: unknown[] = [];
  const server = createServer((socket) => {
    remotes.push(socket.localAddress, socket.remoteAddress);
    socket.pipe(socket);
  });
  await server.listen(path);
  assertEquals(server.address, { transport: "unix", path });
  const socket = connect(path);
  socket.end("echo");
  assertEquals(await textOf(socket), "echo");
  assertEquals(socket.remoteAddress, { transport: "unix", path });
  await server.close();
  assertEquals(remotes, [{ transport: "unix", path }, { transport: "unix", path: null }]);
  assertEquals(readdirSync(folder.path), []);
});

unixTest("T54 listen() gives the file its mode when one is asked for", async () => {
  using folder = new Folder();
  for (const mode of [0o600, 0o666]) {
    await using server = createServer((socket) => socket.end("hi"));
    const path = folder.file("mode.sock");
    await server.listen({ path, mode });
    assertEquals(statSync(path).mode & 0o777, mode);
    assertEquals(await textOf(connect({ path })), "hi");
  }
});

unixTest("T54 listen() reports EADDRINUSE when a stale file is there", async () => {
  using folder = new Folder();
  const path = folder.file("stale.sock");
  await leaveStale(path);
  const refused = await assertRejects(() => connect({ path }).opened, NetError);
  assertEquals([refused.code, refused.syscall, refused.address], ["ECONNREFUSED", "connect", path]);
  const server = createServer();
  const log = logEvents(server, ["listening", "error", "close"]);
  const error = await assertRejects(() => server.listen({ path }), NetError);
  assertEquals([error.code, error.syscall, error.address], ["EADDRINUSE", "listen", path]);
  assertEquals(log, ["error(EADDRINUSE)"]);
  assert(existsSync(path));
});

unixTest("T54 listen() replaces a stale file when removeStale is set", async () => {
  using folder = new Folder();
  const path = folder.file("stale.sock");
  await leaveStale(path);
  const server = createServer((socket) => socket.end("new"));
  await server.listen({ path, removeStale: true });
  assertEquals(await textOf(connect({ path })), "new");
  await server.close();
  assertEquals(existsSync(path), false);
  await server.listen({ path, removeStale: true });
  await server.close();
});

unixTest("T54 listen() leaves a live server alone when removeStale is set", async () => {
  using folder = new Folder();
  const path = folder.file("live.sock");
  await using peer = await startPeer({ path });
  const server = createServer();
  const error = await assertRejects(() => server.listen({ path, removeStale: true }), NetError);
  assertEquals([error.code, error.syscall, error.address], ["EADDRINUSE", "listen", path]);
  const socket = await openTo(path, "send 3");
  assertEquals((await textOf(socket)).length, 3);
  assertEquals((await peer.nextClose("send 3")).total, 0);
});

unixTest("T54 close() leaves the file alone when another listener has made it", async () => {
  using folder = new Folder();
  const path = folder.file("shared.sock");
  const server = createServer();
  await server.listen({ path });
  rmSync(path);
  await using peer = await startPeer({ path });
  const { ino } = statSync(path);
  await server.close();
  assertEquals(readdirSync(folder.path), ["shared.sock"]);
  assertStrictEquals(statSync(path).ino, ino);
  await using client = await rawConnect({ path });
  client.end("count S\nabc");
  assertEquals((await peer.nextRecord("S")).total, 3);
});

unixTest("T54 listen() reports ENAMETOOLONG when the path is too long", async () => {
  using folder = new Folder();
  const path = folder.file("x".repeat(150 - folder.path.length - 1));
  assertEquals(path.length, 150);
  const server = createServer();
  const error = await assertRejects(() => server.listen({ path }), NetError);
  assertEquals([error.code, error.syscall, error.address], ["ENAMETOOLONG", "listen", path]);
  let thrown: unknown;
  try {
    connect({ path });
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof NetError && thrown.code === "ENAMETOOLONG", `${thrown}`);
  assertEquals(readdirSync(folder.path), []);
  // The longest that fits is no error; systems other than Linux allow less.
  if (platform !== "linux") return;
  const longest = folder.file("x".repeat(107 - folder.path.length - 1));
  await server.listen({ path: longest });
  assertEquals(readdirSync(folder.path).length, 1);
  await server.close();
});

unixTest("T54 connect() reports ENOENT when there is no file", async () => {
  using folder = new Folder();
  const path = folder.file("none.sock");
  const error = await assertRejects(() => connect({ path }).opened, NetError);
  assertEquals([error.code, error.syscall, error.address], ["ENOENT", "connect", path]);
});

Deno.test({
  name: "T54 listen() takes an abstract name, which has no file" +
    (platform === "linux" ? "" : ` (skipped: ${platform} has none)`),
  ignore: platform !== "linux",
  fn: async () => {
    const path = `\0netstd-test-${process.pid}`;
    const server = createServer((socket) => socket.end("abstract"));
    await server.listen({ path });
    assertEquals(await textOf(connect({ path })), "abstract");
    await server.close();
  },
});

unixTest("T25 on a Unix socket: data, end and close when the peer sends and ends", async () => {
  using folder = new Folder();
  const path = folder.file("p.sock");
  await using _peer = await startPeer({ path });
  const socket = await openTo(path, "send 5");
  const log = logEvents(socket, EVENTS);
  await socket.closed;
  assertEquals(log, ["data(5)", "end", "close(false)"]);
});

unixTest("T34 on a Unix socket: the order of large writes is kept", async () => {
  using folder = new Folder();
  const path = folder.file("p.sock");
  await using peer = await startPeer({ path });
  const socket = await openTo(path, "count B 100");
  const bytes = [65, 66, 67, 68, 69, 70];
  for (const byte of bytes) socket.write(new Uint8Array(3 * MIB).fill(byte));
  socket.end();
  const { total, end, runs } = await peer.nextRecord("B");
  assertEquals([total, end], [18_874_368, "eof"]);
  assertEquals(runs, bytes.map((byte): ByteRun => [byte, 3_145_728]));
  await socket.close();
});

unixTest("T41 on a Unix socket: one EPIPE when the peer has closed", async () => {
  using folder = new Folder();
  const path = folder.file("p.sock");
  await using peer = await startPeer({ path });
  const socket = connect({ path }, { allowHalfOpen: true });
  await socket.opened;
  socket.write("close 20\n");
  const log = logEvents(socket, EVENTS);
  await peer.after(80);
  for (let index = 0; index < 3; index++) {
    socket.write("x");
    await peer.after(20);
  }
  const error = await assertRejects(() => socket.closed, NetError);
  assertEquals(error.code, "EPIPE");
  assertEquals(log, ["end", "error(EPIPE)", "close(true)"]);
});

unixTest("T42 on a Unix socket: all that waits is sent when a silent peer has ended", async () => {
  using folder = new Folder();
  const path = folder.file("p.sock");
  await using peer = await startPeer({ path });
  const socket = await openTo(path, "fin 5");
  const log = logEvents(socket, EVENTS);
  socket.write(new Uint8Array(8 * MIB).fill(65));
  socket.end();
  assertEquals((await peer.nextRecord("fin")).total, 8_388_608);
  await socket.closed;
  assertEquals(log.filter((entry) => entry !== "drain"), ["end", "close(false)"]);
});

unixTest("T46 on a Unix socket: the answer comes whole when input is left unread", async () => {
  using folder = new Folder();
  const path = folder.file("s.sock");
  await using clock = await startPeer();
  const server = createServer((socket) => {
    socket.read().then(() => {
      socket.write(new Uint8Array(MIB).fill(65));
      socket.close();
    });
  });
  await server.listen({ path });
  await using client = await rawConnect({ path, paused: true });
  await client.write("hello\n");
  client.write(new Uint8Array(300_000)).catch(() => {});
  await clock.after(100);
  client.resume();
  const { how, received } = await client.ended;
  assertEquals([how, received], ["eof", 1_048_576]);
  await server.close({ timeout: 0 });
});

unixTest("T48 on a Unix socket: destroy() rejects a pending read()", async () => {
  using folder = new Folder();
  const path = folder.file("p.sock");
  await using peer = await startPeer({ path });
  const socket = await openTo(path, "echo");
  const reading = assertRejects(() => socket.read(), NetError);
  await socket.flush();
  socket.destroy();
  assertEquals((await reading).code, "ERR_SOCKET_CLOSED");
  assertEquals((await peer.nextClose("echo")).total, 0);
  await socket.closed;
});
