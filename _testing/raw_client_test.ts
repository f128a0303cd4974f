import { assertEquals, assertRejects } from "@std/assert";
import { rawConnect, startPeer } from "./peer.ts";

Deno.test("rawConnect() rejects with the runtime's error when nobody listens", async () => {
  const peer = await startPeer();
  await peer[Symbol.asyncDispose]();
  await assertRejects(() => rawConnect({ port: peer.port }), Error, "ECONNREFUSED");
});

Deno.test("rawConnect() reads nothing while paused", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port, paused: true });
  await client.write("send 5\n");
  await peer.after(30);
  assertEquals(client.received, 0);
  client.resume();
  await client.waitFor(5);
  await assertRejects(() => client.waitFor(6), Error, "ended (eof) after 5 bytes");
});

Deno.test("rawConnect() ends with a reset that the server sees", async () => {
  await using peer = await startPeer();
  await using client = await rawConnect({ port: peer.port });
  await client.write("echo\nab");
  // Once echoed the bytes are read: Node 20 takes a reset behind unread data for an EOF.
  await client.waitFor(2);
  client.reset();
  const { how, received, code } = await client.closed;
  assertEquals([how, received, code], ["close", 2, null]);
  assertEquals((await peer.nextClose()).end, "reset");
});
