import { assertEquals, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { DEFLATE, pairsOf } from "../_testing/websocket_pair.ts";
import { PreparedMessage } from "./prepared_message.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import { settingsOf, type WebSocketOptions } from "./options.ts";

const { openPair } = pairsOf({
  make: (role, options: WebSocketOptions, timers) =>
    new WebSocketConnection(role, { [prepared]: settingsOf(options, timers) } as WebSocketOptions),
  linkOf,
});

Deno.test("PreparedMessage is one frame for all receivers with the same window", async () => {
  const agreements = [null, DEFLATE, DEFLATE, { ...DEFLATE, serverMaxWindowBits: 9 }];
  const pairs = agreements.map((deflate) => openPair({ agreed: { protocol: "", deflate } }));
  const message = "Hello, all of you! ".repeat(500);
  const prepared = new PreparedMessage(message);
  const sent: Uint8Array[] = [];
  const received: unknown[] = [];
  for (const { client, server } of pairs) {
    client.on("message", (data) => received.push(data));
    const link = linkOf(server);
    const { sendFrame } = link;
    link.sendFrame = (frame) => {
      sent.push(frame);
      return sendFrame.call(link, frame);
    };
    // Its own messages before and after are not disturbed.
    server.send(message);
    prepared.sendTo(link);
    server.send(message);
  }
  while (received.length < 12) await setImmediate();
  assertEquals([...new Set(received)], [message]);
  assertStrictEquals(sent[1], sent[2]);
  assertEquals(new Set(sent).size, 3);
  for (const { client } of pairs) await client.close();
});

Deno.test("PreparedMessage goes out as it is when it is small, or to a server", async () => {
  const { client, server } = openPair({ agreed: { protocol: "", deflate: DEFLATE } });
  const received: unknown[] = [];
  for (const end of [client, server]) end.on("message", (data) => received.push(data));
  new PreparedMessage("small").sendTo(linkOf(server));
  new PreparedMessage(Uint8Array.of(1, 2)).sendTo(linkOf(client));
  while (received.length < 2) await setImmediate();
  assertEquals(received, ["small", Uint8Array.of(1, 2)]);
  await client.close();
});
