import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { Response } from "../http/mod.ts";
import { createSelfSigned } from "../tls/mod.ts";
import { connect } from "./connect.ts";
import { serve, type WebSocketServeOptions } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

async function portOf(server: { opened: Promise<unknown> }): Promise<number> {
  return (await server.opened as { port: number }).port;
}

Deno.test("serve() carries messages of every size, compressed and not", async () => {
  for (const compression of [true, false]) {
    await using server = serve({ ...LOCAL, compression }, (connection) => {
      connection.on("message", (data) => connection.send(data));
    });
    await using connection = connect(`ws://127.0.0.1:${await portOf(server)}/`);
    const iterator = connection[Symbol.asyncIterator]();
    for (const size of [0, 1, 125, 126, 1024, 65_535, 65_536, 1_000_000]) {
      const text = "añb".repeat(size).slice(0, size);
      connection.send(text);
      assertEquals((await iterator.next()).value === text, true, String(size));
      const bytes = new Uint8Array(size).fill(7);
      connection.send(bytes);
      assertEquals((await iterator.next()).value, bytes);
    }
    assertEquals(connection.extensions, compression ? "permessage-deflate" : "");
  }
});

Deno.test("serve() speaks wss, and a client that does not trust it fails", async () => {
  const { cert, key } = await createSelfSigned(["localhost", "127.0.0.1"]);
  await using server = serve({ ...LOCAL, tls: { cert, key } }, (connection) => {
    connection.on("message", (data) => connection.send(data));
  });
  const url = `wss://127.0.0.1:${await portOf(server)}/`;
  const connection = connect(url, { client: { ca: cert } });
  connection.send("secret");
  for await (const message of connection) {
    assertEquals(message, "secret");
    break;
  }
  assertEquals((await connection.closed).wasClean, true);
  const distrusting = connect(url);
  const error = await assertRejects(() => distrusting.opened, NetError);
  assertEquals(error.code, "ERR_TLS_CERT_UNTRUSTED");
});

Deno.test("serve() asks onRequest first", async () => {
  const onRequest: WebSocketServeOptions["onRequest"] = (request) => {
    if (new URL(request.url).pathname === "/chat") return undefined;
    return new Response("no", { status: 404 });
  };
  await using server = serve(
    { ...LOCAL, onRequest, upgradeHeaders: { "x-a": "1" } },
    (connection) => {
      connection.close(4000, "Hi");
    },
  );
  const port = await portOf(server);
  const error = await assertRejects(() => connect(`ws://127.0.0.1:${port}/`).opened, NetError);
  assertEquals([error.code, error.status], ["ERR_WS_REFUSED", 404]);
  const { code, reason } = await connect(`ws://127.0.0.1:${port}/chat`).closed;
  assertEquals([code, reason], [4000, "Hi"]);
});

Deno.test("serve() tells who the client is", async () => {
  const seen: (string | undefined)[] = [];
  const server = serve({
    ...LOCAL,
    onRequest: (_, info) => void seen.push(info.remoteAddr?.hostname),
  }, (connection, request, info) => {
    seen.push(new URL(request.url).pathname, info.remoteAddr?.hostname);
    connection.close();
  });
  await connect(`ws://127.0.0.1:${await portOf(server)}/me`).closed;
  await server.shutdown();
  assertEquals(seen, ["127.0.0.1", "/me", "127.0.0.1"]);
});

Deno.test("shutdown() closes all connections with 1001, and by force when the time is over", async () => {
  let open = 0;
  const server = serve({ ...LOCAL }, () => open += 1);
  const url = `ws://127.0.0.1:${await portOf(server)}/`;
  const connections = Array.from({ length: 5 }, () => connect(url));
  for (const connection of connections) await connection.opened;
  await server.shutdown();
  for (const connection of connections) {
    assertEquals(await connection.closed, { code: 1001, reason: "", wasClean: true });
  }
  assertEquals(open, 5);
  const stubborn = serve({ ...LOCAL }, () => {});
  const connection = connect(`ws://127.0.0.1:${await portOf(stubborn)}/`);
  await connection.opened;
  await stubborn.shutdown({ timeout: 0 });
  await connection.closed.catch(() => {});
});

Deno.test("serve() throws for a listener or an option that cannot be", () => {
  assertThrows(() => serve({} as never), TypeError);
  assertThrows(() => serve({ maxMessageSize: NaN }, () => {}), RangeError);
  assertThrows(() => serve({ protocols: ["a,b"] }, () => {}), TypeError);
});
