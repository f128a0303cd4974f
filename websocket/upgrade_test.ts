import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { rawConnect } from "../_testing/raw_client.ts";
import { fetch, type HttpServer, Response, serve } from "../http/mod.ts";
import { maskedFrame } from "./_engine/frame_writer.ts";
import type { WebSocketConnection } from "./connection.ts";
import { upgrade, upgradeSettings, type WebSocketUpgradeOptions } from "./upgrade.ts";

const HANDSHAKE = [
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];

const bytes = (text: string) => new TextEncoder().encode(text);

/** A server that upgrades every request, and the connections it made. */
async function serving(options: WebSocketUpgradeOptions = {}) {
  const sockets: WebSocketConnection[] = [];
  const server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request, options);
    sockets.push(socket);
    return response;
  });
  const { port } = await server.opened as { port: number };
  return { server, sockets, port };
}

/** The head of the answer to a request, and the client. */
async function ask(
  port: number,
  lines: string[],
  version = "1.1",
  behind: Uint8Array = new Uint8Array(0),
) {
  const client = await rawConnect({ port });
  const head = bytes([`GET / HTTP/${version}`, ...lines, "", ""].join("\r\n"));
  const all = new Uint8Array(head.length + behind.length);
  all.set(head);
  all.set(behind, head.length);
  await client.write(all);
  while (!client.text.includes("\r\n\r\n")) await client.waitFor(client.received + 1);
  return { client, answer: client.text.slice(0, client.text.indexOf("\r\n\r\n")).toLowerCase() };
}

async function finish(server: HttpServer): Promise<void> {
  await server.shutdown({ timeout: 0 });
}

Deno.test("upgrade() answers a handshake, and reads the frames in its segment", async () => {
  const { server, sockets, port } = await serving({
    protocols: ["chat"],
    headers: { "x-extra": "yes" },
  });
  const frame = maskedFrame(0x81, bytes("early"), 0x01020304);
  const offer = [
    "Sec-WebSocket-Protocol: soap, chat",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ];
  const { client, answer } = await ask(port, [...HANDSHAKE, ...offer], "1.1", frame);
  assert(answer.startsWith("http/1.1 101 switching protocols\r\n"), answer);
  for (
    const line of [
      "connection: upgrade",
      "upgrade: websocket",
      "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
      "sec-websocket-protocol: chat",
      "sec-websocket-extensions: permessage-deflate",
      "x-extra: yes",
    ]
  ) {
    assert(answer.split("\r\n").includes(line), `${line} in ${answer}`);
  }
  for await (const message of sockets[0]!) {
    assertEquals([message, sockets[0]!.protocol], ["early", "chat"]);
    break;
  }
  client.destroy();
  await finish(server);
});

Deno.test("upgrade() refuses what is no handshake, and tells the connection why", async () => {
  const { server, sockets, port } = await serving();
  const without = (start: string) => HANDSHAKE.filter((line) => !line.startsWith(start));
  for (
    const [lines, status, version] of [
      [without("Upgrade"), 426],
      [without("Sec-WebSocket-Key"), 400],
      [[...without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8"], 426],
      [[...HANDSHAKE, "Sec-WebSocket-Extensions: a;"], 400],
      [HANDSHAKE, 400, "1.0"],
      [[...HANDSHAKE, "Content-Length: 1"], 400],
    ] as [string[], number, string?][]
  ) {
    const { client, answer } = await ask(port, lines, version);
    assertEquals(answer.slice(9, 12), String(status), lines.join());
    assertEquals(
      answer.includes("sec-websocket-version: 13"),
      lines.some((l) => l.endsWith(": 8")),
    );
    const socket = sockets.at(-1)!;
    const error = await assertRejects(() => socket.opened, NetError);
    assertEquals([error.code, error.status], ["ERR_WS_BAD_REQUEST", status]);
    client.destroy();
  }
  await finish(server);
});

Deno.test("upgrade() tells whoever listens to a refused connection by error and close", async () => {
  const log: string[] = [];
  await using server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.on("error", (error) => log.push((error as NetError).code));
    socket.on("close", (...all) => log.push(all.join()));
    return response;
  });
  const { port } = await server.opened;
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  assertEquals(answer.status, 426);
  await answer.text();
  assertEquals(log, ["ERR_WS_BAD_REQUEST", "1006,,false"]);
});

Deno.test("upgrade() refuses origins that may not connect", async () => {
  const list = await serving({ origins: ["https://example.org"] });
  const choosy = await serving({ origins: (origin) => origin === null });
  const status = async (port: number, origin?: string) => {
    const lines = origin === undefined ? HANDSHAKE : [...HANDSHAKE, `Origin: ${origin}`];
    const { client, answer } = await ask(port, lines);
    client.destroy();
    return answer.slice(9, 12);
  };
  assertEquals(await status(list.port, "https://example.org"), "101");
  assertEquals(await status(list.port), "101");
  assertEquals(await status(list.port, "https://example.com"), "403");
  assertEquals(await status(choosy.port), "101");
  assertEquals(await status(choosy.port, "https://example.org"), "403");
  await finish(list.server);
  await finish(choosy.server);
});

Deno.test("upgrade() closes the connection when another response is given", async () => {
  const closed: Promise<unknown>[] = [];
  const server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket } = upgrade(request);
    closed.push(assertRejects(() => socket.closed, NetError));
    return new Response("no", { status: 401 });
  });
  const { port } = await server.opened as { port: number };
  const { client, answer } = await ask(port, HANDSHAKE);
  assertEquals(answer.slice(9, 12), "401");
  await closed[0];
  client.destroy();
  await finish(server);
});

Deno.test("upgrade() throws for requests of others, and for subprotocols that cannot be", () => {
  const request = new Request("http://localhost/", {
    headers: HANDSHAKE.slice(2).map((line) => line.split(": ") as [string, string]),
  });
  // A request of another kind may not even carry the fields of a handshake.
  const { response } = upgrade(request);
  assert(response.status >= 400);
  assertThrows(() => upgrade(request, { protocols: ["a b"] }), TypeError);
  assertThrows(() => upgrade(request, { maxMessageSize: -1 }), RangeError);
});

Deno.test("shutdown() of the server closes with 1001", async () => {
  const { server, sockets, port } = await serving();
  const { client } = await ask(port, HANDSHAKE);
  await sockets[0]!.opened;
  const before = client.received;
  const shut = server.shutdown();
  await client.waitFor(before + 4);
  await client.write(maskedFrame(0x88, Uint8Array.of(1001 >> 8, 1001 & 255), 1));
  await client.ended;
  client.end();
  await shut;
  assertEquals(await sockets[0]!.closed, { code: 1001, reason: "", wasClean: true });
});

Deno.test("upgradeSettings() takes no fields that the handshake writes itself", () => {
  const headers = { "Sec-WebSocket-Protocol": "chat" };
  assertThrows(() => upgradeSettings({ headers }), TypeError, "it is its own");
});
