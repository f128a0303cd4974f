import { assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pairsOf } from "../_testing/websocket_pair.ts";
import { MessageIterator, messageReadable, messageWritable } from "./message_streams.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import { settingsOf, type WebSocketOptions } from "./options.ts";

const { makeEnd, openEnd, openPair } = pairsOf({
  make: (role, options: WebSocketOptions, timers) =>
    new WebSocketConnection(role, { [prepared]: settingsOf(options, timers) } as WebSocketOptions),
  linkOf,
});

Deno.test("MessageIterator refuses two reads at a time and keeps the first", async () => {
  const { client, server } = openPair();
  const iterator = new MessageIterator(linkOf(client));
  const first = iterator.next();
  const error = await assertRejects(() => iterator.next(), NetError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  server.send("a");
  assertEquals(await first, { value: "a", done: false });
  server.close();
  assertEquals(await iterator.next(), { value: undefined, done: true });
  assertEquals(await iterator.next(), { value: undefined, done: true });
  await client.closed;
});

Deno.test("messageReadable() closes the connection when it is cancelled, and tells of a failure", async () => {
  const { client, server } = openPair();
  await messageReadable(linkOf(client), client.closed).cancel();
  assertEquals((await server.closed).code, 1000);
  const failing = openPair();
  const reader = messageReadable(linkOf(failing.client), failing.client.closed).getReader();
  failing.server.terminate();
  assertEquals(
    (await assertRejects(() => reader.read(), NetError)).code,
    "ERR_WS_ABNORMAL_CLOSE",
  );
  await failing.client.closed.catch(() => {});
});

Deno.test("messageWritable() closes, terminates, and fails when the connection has closed", async () => {
  const closing = openPair();
  await messageWritable(linkOf(closing.client), closing.client).close();
  assertEquals((await closing.server.closed).wasClean, true);
  const aborting = openPair();
  await messageWritable(linkOf(aborting.client), aborting.client).abort();
  const error = await assertRejects(() => aborting.server.closed, NetError);
  assertEquals(error.code, "ERR_WS_ABNORMAL_CLOSE");
  const closed = openPair();
  const writer = messageWritable(linkOf(closed.client), closed.client).getWriter();
  await closed.client.close();
  const late = await assertRejects(() => writer.write("late"), NetError);
  assertEquals(late.code, "ERR_SOCKET_CLOSED");
  await writer.closed.catch(() => {});
});

Deno.test("messageWritable() holds back while it connects, and takes nothing once it is closing", async () => {
  const client = makeEnd("client");
  const writer = messageWritable(linkOf(client), client).getWriter();
  await writer.write("small");
  let done = false;
  const large = writer.write(new Uint8Array(100_000)).then(() => done = true);
  await setImmediate();
  assertEquals(done, false);
  const [near, far] = MemoryStream.pair();
  const server = makeEnd("server");
  openEnd(server, far);
  openEnd(client, near);
  const iterator = new MessageIterator(linkOf(server));
  assertEquals((await iterator.next()).value, "small");
  assertEquals((await iterator.next()).value?.length, 100_000);
  await large;
  server.close(1000);
  while (client.readyState === "open") await setImmediate();
  const error = await assertRejects(() => writer.write("late"), NetError);
  assertEquals(error.code, "ERR_SOCKET_CLOSED");
  await Promise.all([client.closed, writer.closed.catch(() => {})]);
});
