import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { HttpClient } from "../http/mod.ts";
import { createServer, type TcpServer } from "../tcp/mod.ts";
import { sha1 } from "../_runtime/hash.ts";
import { unmaskedFrame } from "./_engine/frame_writer.ts";
import { acceptOf } from "./_engine/handshake.ts";
import { connect, type WebSocketConnectOptions } from "./connect.ts";
import { serve } from "./serve.ts";

/** A server that answers a handshake by what is made of the request's head. */
async function answering(answer: (head: string, accept: string) => string | Uint8Array) {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk) => {
      const head = new TextDecoder().decode(chunk);
      heads.push(head);
      const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
      socket.write(answer(head, acceptOf(key, sha1)));
    });
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = server.address as { port: number };
  return { server, heads, url: `ws://127.0.0.1:${port}/path?query#fragment` };
}

/** What a connection to a server fails with. */
async function failure(url: string, options: WebSocketConnectOptions = {}): Promise<NetError> {
  const connection = connect(url, options);
  const error = await assertRejects(() => connection.opened, NetError);
  await connection.closed.catch(() => {});
  return error;
}

const ok = (accept: string, more = "") =>
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  `Sec-WebSocket-Accept: ${accept}\r\n${more}\r\n`;

async function stop(server: TcpServer): Promise<void> {
  await server.close({ timeout: 0 });
}

Deno.test("connect() sends a handshake, and reads what comes behind the answer", async () => {
  const encoder = new TextEncoder();
  const { server, heads, url } = await answering((_head, accept) => {
    const head = encoder.encode(ok(accept, "Sec-WebSocket-Protocol: b\r\n"));
    const frame = unmaskedFrame(0x81, encoder.encode("early"));
    const all = new Uint8Array(head.length + frame.length);
    all.set(head);
    all.set(frame, head.length);
    return all;
  });
  const connection = connect(url, { protocols: ["a", "b"], headers: { "x-own": "1" } });
  for await (const message of connection) {
    assertEquals([message, connection.protocol, connection.extensions], ["early", "b", ""]);
    connection.terminate();
  }
  const [line, ...fields] = heads[0]!.toLowerCase().split("\r\n");
  assertEquals(line, "get /path?query http/1.1");
  for (
    const field of [
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-protocol: a, b",
      "sec-websocket-extensions: permessage-deflate; client_max_window_bits, " +
      "permessage-deflate; client_no_context_takeover; client_max_window_bits",
      "x-own: 1",
    ]
  ) {
    assertEquals(fields.includes(field), true, `${field} in ${fields}`);
  }
  await stop(server);
});

Deno.test("connect() fails by what is wrong with the answer", async () => {
  for (
    const [more, options] of [
      ["Sec-WebSocket-Protocol: c\r\n", {}],
      ["", { protocols: "a" }],
      ["Sec-WebSocket-Extensions: x\r\n", {}],
      ["Sec-WebSocket-Extensions: permessage-deflate\r\n", { compression: false }],
      ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=08\r\n", {}],
    ] as [string, WebSocketConnectOptions][]
  ) {
    const { server, url } = await answering((_head, accept) => ok(accept, more));
    assertEquals((await failure(url, options)).code, "ERR_WS_BAD_RESPONSE", more);
    await stop(server);
  }
  const wrong = await answering(() => ok("AAAA"));
  assertEquals((await failure(wrong.url)).code, "ERR_WS_BAD_RESPONSE");
  await stop(wrong.server);
  const refused = await answering(() => "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
  const error = await failure(refused.url);
  assertEquals([error.code, error.status], ["ERR_WS_REFUSED", 401]);
  await stop(refused.server);
});

Deno.test("connect() fails when nobody listens, in time, and when its signal aborts", async () => {
  const { server, url } = await answering(() => "HTTP/1.1 100 Continue\r\n\r\n");
  assertEquals((await failure(url, { handshakeTimeout: 30 })).code, "ERR_WS_HANDSHAKE_TIMEOUT");
  const controller = new AbortController();
  const connection = connect(url, { signal: controller.signal });
  const log: string[] = [];
  connection.on("error", (error) => log.push(error.message));
  connection.on("close", (code) => log.push(String(code)));
  controller.abort(new Error("enough"));
  await assertRejects(() => connection.opened, Error, "enough");
  await assertRejects(() => connection.closed, Error, "enough");
  assertEquals(log, ["enough", "1006"]);
  const late = connect(url, { signal: AbortSignal.abort(new Error("before")) });
  await assertRejects(() => late.opened, Error, "before");
  await stop(server);
  assertEquals((await failure(url)).code, "ECONNREFUSED");
});

Deno.test("connect() can be given up while it connects", async () => {
  const { server, url } = await answering(() => "");
  for (const end of ["close", "terminate"] as const) {
    const connection = connect(url);
    const opened = assertRejects(() => connection.opened, NetError);
    connection[end]();
    assertEquals((await opened).code, "ERR_SOCKET_CLOSED");
    assertEquals(await connection.closed, { code: 1006, reason: "", wasClean: false });
  }
  await stop(server);
});

Deno.test("connect() takes a client, or the options of one", async () => {
  const path = `/tmp/netstd_${crypto.randomUUID()}.sock`;
  await using server = serve({ path }, (connection) => {
    connection.send("by path");
    connection.close();
  });
  await server.opened;
  await using own = new HttpClient({ path });
  for (const client of [{ path }, own]) {
    const messages: unknown[] = [];
    for await (const message of connect("ws://localhost/", { client })) messages.push(message);
    assertEquals(messages, ["by path"]);
  }
});

Deno.test("connect() throws for what cannot be", () => {
  for (const url of ["nowhere", "ftp://localhost/", "/path"]) {
    assertThrows(() => connect(url), TypeError);
  }
  for (const protocols of ["", "a b", ["a", "a"]]) {
    assertThrows(() => connect("ws://localhost/", { protocols }), TypeError);
  }
  assertThrows(() => connect("ws://localhost/", { maxFragments: 0 }), RangeError);
  const headers = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
  assertThrows(() => connect("ws://localhost/", { headers }), TypeError, "it is its own");
});
