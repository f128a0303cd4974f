import { assert, assertEquals, assertRejects } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteRun } from "./byte_runs.ts";
import { pattern } from "./pattern.ts";
import { rawConnect, startPeer } from "./peer.ts";

Deno.test("startPeer() echoes, bytes behind the command line included", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port });
  await client.write("echo\nabc");
  await client.waitFor(3);
  await client.write("def");
  client.end();
  assertEquals((await client.closed).how, "eof");
  assertEquals([client.text, client.received], ["abcdef", 6]);
  const { command, end, total } = await peer.nextClose();
  assertEquals([command, end, total], ["echo", "eof", 6]);
});

Deno.test("startPeer() resets after rst, closes after close and stall", async () => {
  await using peer = await startPeer();
  for (const [command, how] of [["rst 5", "reset"], ["close 5", "eof"], ["stall 5", "eof"]]) {
    await using client = await rawConnect({ port: peer.port });
    await client.write(`${command}\n`);
    const closed = await client.closed;
    assertEquals([command, closed.how, closed.received], [command, how, 0]);
    assertEquals(closed.code, how === "reset" ? "ECONNRESET" : null);
    assertEquals((await peer.nextClose(command)).end, "close");
  }
  assertEquals(peer.connections, 3);
});

Deno.test("startPeer() half-closes after fin and logs what still comes", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port, allowHalfOpen: true });
  await client.write("fin 5\n");
  assertEquals((await client.ended).how, "eof");
  client.end("tail");
  const { total, end } = await peer.nextRecord("fin");
  assertEquals([total, end], [4, "eof"]);
});

Deno.test("startPeer() sends a pattern, whole or in drips, then FIN or RST", async () => {
  await using peer = await startPeer({ host: "::1" });
  const expected: [string, number, string][] = [
    ["send 1000", 1000, "eof"],
    ["drip 3 10 2", 30, "eof"],
    ["sendrst 500 5", 500, "reset"],
    ["send 10000000", 10_000_000, "eof"],
  ];
  for (const [command, total, how] of expected) {
    await using client = await rawConnect({ host: "::1", port: peer.port });
    await client.write(`${command}\n`);
    const closed = await client.closed;
    assertEquals([command, closed.received, closed.how], [command, total, how]);
    const first = [...pattern(30)].map((byte) => [byte, 1]);
    assertEquals(client.runs.slice(0, 30), first);
  }
});

Deno.test("startPeer() sends everything though the client has ended its side already", async () => {
  await using peer = await startPeer();
  for (const [command, total] of [["send 3000000", 3_000_000], ["drip 3 10 5", 30]] as const) {
    await using client = await rawConnect({ port: peer.port, allowHalfOpen: true });
    client.end(`${command}\n`);
    const closed = await client.closed;
    assertEquals([command, closed.received, closed.how], [command, total, "eof"]);
  }
});

Deno.test("startPeer() counts 64 MiB with its runs and answers the total", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port, allowHalfOpen: true });
  const start = performance.now();
  await client.write("count A\n");
  for (let byte = 65; byte < 69; byte++) await client.write(new Uint8Array(16_777_216).fill(byte));
  client.end();
  const record = await peer.nextRecord("A");
  const took = performance.now() - start;
  assertEquals([record.total, record.end], [67_108_864, "eof"]);
  assertEquals(record.runs, [65, 66, 67, 68].map((byte): ByteRun => [byte, 16_777_216]));
  await client.closed;
  assertEquals(client.text, "TOTAL 67108864\n");
  assertEquals(peer.log, [record]);
  assert(took < 5000, `${took} ms`);
});

Deno.test("startPeer() reads nothing during the delay of count", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port });
  const start = performance.now();
  client.end("count B 60\nabc");
  const { total, end } = await peer.nextRecord("B");
  assertEquals([total, end], [3, "eof"]);
  // Timers are allowed to fire a little early.
  assert(performance.now() - start >= 55);
});

Deno.test("startPeer() numbers its connections and tells an unknown command", async () => {
  await using peer = await startPeer();
  const second = [peer.nextConnection(), peer.nextConnection()][1];
  await using silent = await rawConnect({ port: peer.port });
  silent.end();
  await silent.closed;
  const { command, end } = await peer.nextClose();
  assertEquals([command, end], ["", "eof"]);
  await using client = await rawConnect({ port: peer.port });
  assertEquals(await second, 2);
  client.end("dance\n");
  await client.closed;
  assertEquals(client.text, "unknown command dance\n");
  assertEquals(silent.received, 0);
});

Deno.test("startPeer() ends every wait and connection when disposed", async () => {
  const peer = await startPeer();
  await using client = await rawConnect({ port: peer.port });
  await client.write("stall 60000\n");
  await peer.nextConnection();
  const never = peer.nextRecord("never");
  const pause = peer.after(60_000);
  await peer[Symbol.asyncDispose]();
  await pause;
  await assertRejects(() => never, Error, "Peer disposed");
  await client.closed;
  assertEquals(peer.open, 0);
});

Deno.test("startPeer() serves a Unix socket and removes its file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peer-"));
  const path = join(folder, "p.sock");
  {
    await using peer = await startPeer({ path });
    assertEquals(peer.port, 0);
    await using client = await rawConnect({ path });
    client.end("count U\nabc");
    assertEquals((await peer.nextRecord("U")).total, 3);
    await client.closed;
    assertEquals(client.text, "TOTAL 3\n");
  }
  await assertRejects(() => rawConnect({ path }), Error, "ENOENT");
  rmSync(folder, { recursive: true });
});
