import { assert, assertEquals, assertThrows } from "@std/assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BURST_CHILD } from "../_testing/burst_child.ts";
import type { ByteRun } from "../_testing/byte_runs.ts";
import { runChild } from "../_testing/child.ts";
import { logEvents, nextEvent } from "../_testing/event_log.ts";
import { type Peer, startPeer } from "../_testing/peer.ts";
import { connect, NetError, type TcpSocket, type TcpSocketOptions } from "./mod.ts";

const MIB = 1_048_576;
/** All but `connect`: the log of a socket that is open already. */
const EVENTS = ["data", "end", "drain", "timeout", "error", "close"];
/** The log of a socket that nobody reads. */
const QUIET_EVENTS = EVENTS.slice(1);

/** Opens a socket and sends the peer its command; nothing waits to go out when it is given. */
async function openTo(
  peer: Peer,
  command: string,
  options: TcpSocketOptions = {},
): Promise<TcpSocket> {
  const socket = connect({ port: peer.port, hostname: "127.0.0.1" }, options);
  await socket.opened;
  socket.write(`${command}\n`);
  await socket.flush();
  return socket;
}

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** The code that a promise rejects with, null if it resolves. */
async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    return error instanceof NetError ? error.code : String(error);
  }
}

Deno.test("T33 write() sends all of 64 MiB when they are given in one chunk", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count A");
  socket.write(filled(64 * MIB, 65));
  const flushed = socket.flush();
  socket.end();
  await flushed;
  const { total, end, runs } = await peer.nextRecord("A");
  assertEquals([total, end], [67_108_864, "eof"]);
  assertEquals(runs, [[65, 67_108_864]]);
  assertEquals(socket.bytesWritten, 67_108_864 + "count A\n".length);
  await socket.close();
});

Deno.test("T34 write() keeps the order of large writes when none is awaited", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count B");
  const expected: ByteRun[] = [];
  for (let byte = 65; byte <= 70; byte++) {
    socket.write(filled(3 * MIB, byte));
    expected.push([byte, 3_145_728]);
  }
  socket.end();
  const { total, end, runs } = await peer.nextRecord("B");
  assertEquals([total, end], [18_874_368, "eof"]);
  assertEquals(runs, expected);
  await socket.close();
});

Deno.test("T35 write() keeps the order of 200 writes when the peer begins to read late", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count C 300");
  const expected: ByteRun[] = [];
  for (let index = 0; index < 200; index++) {
    const byte = 65 + index % 26;
    socket.write(filled(65_536, byte));
    expected.push([byte, 65_536]);
  }
  socket.end();
  const { total, end, runs } = await peer.nextRecord("C");
  assertEquals([total, end, runs.length], [13_107_200, "eof", 200]);
  assertEquals(runs, expected);
  await socket.close();
});

Deno.test("T36 write() answers false and drain follows once when much waits", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count D 300");
  const log = logEvents(socket, EVENTS);
  const atDrain: number[] = [];
  socket.on("drain", () => atDrain.push(socket.bufferedAmount));
  const drained = nextEvent(socket, "drain");
  const answers: boolean[] = [];
  for (let index = 0; index < 8; index++) answers.push(socket.write(filled(MIB, 65)));
  assert(answers.includes(false), "No write asked to hold back");
  assert(socket.bufferedAmount > 65_536, `${socket.bufferedAmount} bytes wait`);
  await drained;
  assertEquals(atDrain, [0]);
  socket.end();
  assertEquals((await peer.nextRecord("D")).total, 8_388_608);
  await socket.closed;
  assertEquals(log, ["drain", `data(${"TOTAL 8388608\n".length})`, "end", "close(false)"]);
});

Deno.test("T37 writable holds its writer back until the peer reads", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count E 300");
  const writer = socket.writable.getWriter();
  await writer.ready;
  const written = writer.write(filled(16 * MIB, 65));
  assert((writer.desiredSize ?? 1) <= 0, `Desired size is ${writer.desiredSize}`);
  let ready = false;
  const watched = writer.ready.then(() => ready = true);
  await peer.after(150);
  assertEquals([ready, peer.log.length], [false, 0]);
  await Promise.all([watched, written]);
  await writer.close();
  const { total, end } = await peer.nextRecord("E");
  assertEquals([total, end], [16_777_216, "eof"]);
  socket.destroy();
  await socket.closed;
});

/** Why the system calls of a child cannot be counted here, or null. */
function whyNoTrace(): string | null {
  const { status, error } = spawnSync("strace", ["-o", "/dev/null", "true"]);
  if (error !== undefined) return "there is no strace";
  return status === 0 ? null : "strace may not trace here";
}

const noTrace = whyNoTrace();

/** The calls that write to a socket of this port; a call that was interrupted shows twice. */
function socketWrites(trace: string, port: number): number {
  return trace.split("\n").filter((line) =>
    line.includes(`TCP:[127.0.0.1:`) && line.includes(`->127.0.0.1:${port}]`) &&
    !line.includes(" resumed>")
  ).length;
}

Deno.test({
  name: "T38 write() joins a thousand small writes when they come in one turn" +
    (noTrace === null ? "" : ` (skipped: ${noTrace})`),
  ignore: noTrace !== null,
  fn: async () => {
    const folder = mkdtempSync(join(tmpdir(), "burst-"));
    const file = join(folder, "trace");
    await using peer = await startPeer();
    const calls = "trace=write,writev,pwritev2,sendto,sendmsg,sendmmsg";
    const prefix = ["strace", "-f", "-qq", "-yy", "-s", "8", "-e", calls, "-o", file];
    const child = await runChild(BURST_CHILD, [String(peer.port)], { prefix });
    const trace = readFileSync(file, "utf8");
    rmSync(folder, { recursive: true });
    assertEquals([child.code, child.stderr], [0, ""]);
    const { total, runs } = await peer.nextRecord("burst");
    assertEquals(total, 1_024_000);
    const expected: ByteRun[] = [];
    for (let index = 0; index < 1000; index++) expected.push([index % 256, 1024]);
    assertEquals(runs, expected);
    const writes = socketWrites(trace, peer.port);
    assert(writes >= 2 && writes <= 40, `${writes} system calls`);
  },
});

Deno.test("T39 write() fails with ERR_STREAM_WRITE_AFTER_END when it comes after end()", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count F");
  const log = logEvents(socket, QUIET_EVENTS);
  const closed = nextEvent(socket, "close");
  socket.end("x");
  assertEquals(socket.write("y"), false);
  assertEquals(await codeOf(socket.flush()), "ERR_STREAM_WRITE_AFTER_END");
  await closed;
  assertEquals(log, ["error(ERR_STREAM_WRITE_AFTER_END)", "close(true)"]);
  assertEquals((await peer.nextRecord("F")).total, 1);
});

Deno.test("T39 write() fails with ERR_SOCKET_CLOSED when it comes after destroy()", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count F");
  const log = logEvents(socket, QUIET_EVENTS);
  socket.destroy();
  assertEquals(socket.write("y"), false);
  assertEquals(await codeOf(socket.flush()), "ERR_SOCKET_CLOSED");
  await socket.closed;
  assertEquals(socket.write("z"), false);
  assertEquals(await codeOf(socket.flush()), "ERR_SOCKET_CLOSED");
  assertEquals(log, ["close(false)"]);
  assertEquals((await peer.nextRecord("F")).total, 0);
});

Deno.test("T40 flush() rejects when destroy() drops what was written", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count G 200");
  const log = logEvents(socket, EVENTS);
  socket.write(filled(8 * MIB, 65));
  const flushed = codeOf(socket.flush());
  await peer.after(20);
  socket.destroy();
  assertEquals(await flushed, "ERR_SOCKET_CLOSED");
  await socket.closed;
  assertEquals(log, ["close(false)"]);
  const { total } = await peer.nextRecord("G");
  assert(total < 8_388_608, `${total} bytes arrived`);
});

/** Three writes of one byte after the peer has closed, 40 ms apart; gives what became of each. */
async function writeToClosed(peer: Peer, socket: TcpSocket): Promise<(string | null)[]> {
  await peer.after(80);
  const outcomes: Promise<string | null>[] = [];
  for (let index = 0; index < 3; index++) {
    socket.write("x");
    outcomes.push(codeOf(socket.flush()));
    await peer.after(40);
  }
  return Promise.all(outcomes);
}

Deno.test("T41 write() fails once with EPIPE or ECONNRESET when the peer has closed", async () => {
  await using peer = await startPeer();
  for (const reads of [false, true]) {
    const socket = await openTo(peer, "close 20", { allowHalfOpen: true });
    const log = logEvents(socket, reads ? EVENTS : QUIET_EVENTS);
    const closed = nextEvent(socket, "close");
    const outcomes = await writeToClosed(peer, socket);
    const code = outcomes.find((outcome) => outcome !== null);
    assert(code === "EPIPE" || code === "ECONNRESET", `Outcomes are ${outcomes.join()}`);
    await closed;
    assertEquals(log, [...(reads ? ["end"] : []), `error(${code})`, "close(true)"]);
  }
});

Deno.test("T42 end() sends all that waits when a silent peer has ended its side", async () => {
  await using peer = await startPeer();
  for (const allowHalfOpen of [true, false]) {
    const socket = await openTo(peer, "fin 5", { allowHalfOpen });
    const log = logEvents(socket, EVENTS);
    socket.write(filled(8 * MIB, 65));
    socket.end();
    const { tag, total, end } = await peer.nextRecord("fin");
    assertEquals([tag, total, end], ["fin", 8_388_608, "eof"]);
    await socket.closed;
    assertEquals(log.filter((entry) => entry !== "drain"), ["end", "close(false)"]);
  }
});

Deno.test("T42 TcpSocket sends all that waits when the peer's end makes it end itself", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "fin 5");
  const log = logEvents(socket, EVENTS);
  socket.write(filled(8 * MIB, 65));
  const { total, end } = await peer.nextRecord("fin");
  assertEquals([total, end], [8_388_608, "eof"]);
  await socket.closed;
  assertEquals(log.filter((entry) => entry !== "drain"), ["end", "close(false)"]);
});

Deno.test("T43 TcpSocket fails or sends all when a chunk that waits is transferred away", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "count H 300");
  const log = logEvents(socket, EVENTS);
  socket.write(filled(32 * MIB, 65));
  const second = new ArrayBuffer(4 * MIB);
  socket.write(new Uint8Array(second).fill(66));
  await peer.after(10);
  structuredClone(second, { transfer: [second] });
  socket.end();
  const hung = peer.after(3000).then(() => "hung");
  const outcome = await Promise.race([codeOf(socket.closed), hung]);
  assert(outcome !== "hung", "The socket has not closed");
  const { total } = await peer.nextRecord("H");
  if (outcome === null) {
    assertEquals(total, 37_748_736);
    assertEquals(log.at(-1), "close(false)");
  } else {
    assertEquals(outcome, "ERR_INVALID_STATE");
    assertEquals(log, ["error(ERR_INVALID_STATE)", "close(true)"]);
  }
});

Deno.test("write() throws ERR_INVALID_ARG_TYPE when it is given no string or bytes", async () => {
  await using peer = await startPeer();
  await using socket = await openTo(peer, "count I");
  const notData: unknown = 5;
  const error = assertThrows(() => socket.write(notData as string), TypeError);
  assertEquals((error as TypeError & { code?: string }).code, "ERR_INVALID_ARG_TYPE");
});
