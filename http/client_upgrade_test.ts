import { assert, assertEquals, assertRejects } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { response, scriptedServer } from "../_testing/scripted_server.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { createServer, TlsSocket } from "../tls/mod.ts";
import { HttpClient } from "./client.ts";

const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\nX-A: b\r\n\r\n";

Deno.test("upgrade() gives the connection with its first bytes when the server switches", async () => {
  let head = "";
  await using server = await scriptedServer(async (connection) => {
    head = await connection.head();
    await connection.write(`${SWITCH}early `);
    connection.end(`${await connection.bytes(5)} back`);
  });
  await using client = new HttpClient();
  const headers = { "sec-own": "1" };
  const { response, socket } = await client.upgrade(server.url, { protocol: "chat", headers });
  assertEquals([response.status, response.headers.get("x-a"), response.body], [101, "b", null]);
  assert(head.includes("sec-own: 1\r\n") && head.endsWith("connection: upgrade\r\nupgrade: chat"));
  assertEquals([client.stats.open, client.stats.running], [0, 0]);
  socket!.end("hello");
  let text = "";
  for await (const chunk of socket!) text += new TextDecoder().decode(chunk);
  assertEquals(text, "early hello back");
});

Deno.test("upgrade() gives the response with its content when the server does not switch", async () => {
  await using server = await scriptedServer(async (connection) => {
    await connection.head();
    await connection.write(response("no", "Location: /x\r\n", "302 Found"));
    await connection.head();
    await connection.write(response("again"));
  });
  await using client = new HttpClient();
  const refused = await client.upgrade(`${server.url}/`, { protocol: "chat" });
  assertEquals([refused.socket, refused.response.status], [null, 302]);
  assertEquals(await refused.response.text(), "no");
  assertEquals(await (await client.fetch(`${server.url}/`)).text(), "again");
  assertEquals(server.accepted, 1);
});

Deno.test("upgrade() fails when the server switches to something else, or the request is odd", async () => {
  await using server = await scriptedServer(async (connection) => {
    await connection.head();
    await connection.write(SWITCH);
  });
  await using client = new HttpClient();
  const other = client.upgrade(server.url, { protocol: "other" });
  const error = await assertRejects(() => other, NetError);
  assertEquals(error.code, "ERR_HTTP_UNEXPECTED_UPGRADE");
  await assertRejects(() => client.upgrade(server.url, { protocol: "" }), TypeError);
  await assertRejects(() => client.upgrade(server.url, { protocol: "a\r\nb: c" }), TypeError);
  const signal = AbortSignal.abort(new RangeError("Stop"));
  await assertRejects(() => client.upgrade(server.url, { protocol: "x", signal }), RangeError);
});

Deno.test("upgrade() gives a TlsSocket when the URL is one of https", async () => {
  const { authority, server: identity } = await testCertificates();
  await using server = createServer({ ...identity }, async (socket) => {
    await socket.read();
    socket.write(SWITCH);
    socket.end("secret");
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = server.address!;
  await using client = new HttpClient({ ca: authority.cert });
  const { socket } = await client.upgrade(`https://127.0.0.1:${port}/`, { protocol: "chat" });
  assert(socket instanceof TlsSocket);
  assertEquals(socket.authorized, true);
  let text = "";
  for await (const chunk of socket) text += new TextDecoder().decode(chunk);
  assertEquals(text, "secret");
});
