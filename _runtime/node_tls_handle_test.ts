import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { IN_DENO } from "../_testing/in_deno.ts";
import { nodePair } from "../_testing/node_pair.ts";
import { nextTurn } from "./clock.ts";
import { SocketHandle } from "./node_tls_handle.ts";

const attempt = { syscall: "read", address: "127.0.0.1", port: 1 };

Deno.test("SocketHandle tells an end from a reset", async () => {
  if (!IN_DENO) return;
  for (const reset of [false, true]) {
    const [socket, peer] = await nodePair();
    // So that it closes at the peer's end.
    socket.allowHalfOpen = false;
    const handle = SocketHandle.of(socket);
    assert(handle !== null);
    const state = handle.watchEnd(attempt);
    // Deno looks for who is told when reading begins.
    handle.flow(false);
    handle.flow(true);
    assertEquals(state(), "open");
    socket.on("error", () => {}).resume();
    const over = new Promise((resolve) => socket.on("close", resolve));
    if (reset) peer.resetAndDestroy();
    else peer.end();
    await over;
    const last = state();
    assertEquals(typeof last === "string" ? last : last.code, reset ? "ECONNRESET" : "ended");
    peer.destroy();
  }
});

Deno.test("SocketHandle stops what comes and lets it come", async () => {
  if (!IN_DENO) return;
  const [socket, peer] = await nodePair();
  const handle = SocketHandle.of(socket)!;
  socket.resume();
  handle.flow(false);
  let received = 0;
  socket.on("data", (chunk) => received += chunk.length);
  peer.write("hello");
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assertEquals(received, 0);
  handle.flow(true);
  await once(socket, "data");
  assertEquals(received, 5);
  socket.destroy();
  peer.destroy();
});

Deno.test("SocketHandle is not there where a socket has no handle that can be stopped", async () => {
  const [socket, peer] = await nodePair();
  socket.destroy();
  peer.destroy();
  assertEquals(SocketHandle.of(socket), null);
});
