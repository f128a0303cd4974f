import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { NetError } from "../_core/errors.ts";
import { response, scriptedServer } from "../_testing/scripted_server.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { connect as connectTcp, relay } from "../tcp/mod.ts";
import { createServer } from "../tls/mod.ts";
import { HttpClient } from "./client.ts";

/** A proxy that tunnels whatever it is asked for, and notes what that was. */
async function tunnelProxy(): Promise<AsyncDisposable & { url: string; heads: string[] }> {
  const heads: string[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createTcpServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    client.once("data", (data: Uint8Array) => {
      const head = new TextDecoder().decode(data);
      heads.push(head);
      const [, port] = /^CONNECT 127\.0\.0\.1:(\d+) /.exec(head)!;
      const target = connect(Number(port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(target).pipe(client);
      });
      sockets.add(target);
      target.on("error", () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

Deno.test("https goes through a tunnel when there is a proxy", async () => {
  const { authority, server: identity } = await testCertificates();
  await using server = createServer({ ...identity }, async (socket) => {
    for await (const _ of socket) socket.write(response("through"));
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = server.address!;
  await using proxy = await tunnelProxy();
  const option = proxy.url.replace("//", "//user:pass@");
  await using client = new HttpClient({ ca: authority.cert, proxy: option });
  for (let i = 0; i < 2; i++) {
    assertEquals(await (await client.fetch(`https://127.0.0.1:${port}/`)).text(), "through");
  }
  assertEquals(proxy.heads, [
    `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n` +
    "proxy-authorization: Basic dXNlcjpwYXNz\r\n\r\n",
  ]);
});

Deno.test("http asks the proxy for the whole URL, and shares its connections", async () => {
  const heads: string[] = [];
  await using proxy = await scriptedServer(async (connection) => {
    for (;;) {
      heads.push(await connection.head());
      await connection.write(response("relayed"));
    }
  });
  await using client = new HttpClient({ proxy: proxy.url.replace("//", "//user:pass@") });
  for (const url of ["http://a.test/x?y", "http://b.test:81/", "http://a.test/"]) {
    const answer = await client.fetch(url);
    assertEquals([await answer.text(), answer.url], ["relayed", url]);
  }
  assertEquals(heads.map((head) => head.split("\r\n").slice(0, 2)), [
    ["GET http://a.test/x?y HTTP/1.1", "host: a.test"],
    ["GET http://b.test:81/ HTTP/1.1", "host: b.test:81"],
    ["GET http://a.test/ HTTP/1.1", "host: a.test"],
  ]);
  assert(heads.every((head) => head.includes("proxy-authorization: Basic dXNlcjpwYXNz")));
  assertEquals(proxy.accepted, 1);
});

Deno.test("https goes through a tunnel when the proxy itself speaks TLS", async () => {
  const { authority, server: identity } = await testCertificates();
  await using server = createServer({ ...identity }, async (socket) => {
    for await (const _ of socket) socket.write(response("twice secret"));
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = server.address!;
  await using proxy = createServer({ ...identity }, async (socket) => {
    await socket.read();
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    await relay(socket, connectTcp({ hostname: "127.0.0.1", port: port! }));
  });
  await proxy.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `https://127.0.0.1:${proxy.address!.port}`;
  await using client = new HttpClient({
    ca: authority.cert,
    proxy: { url, ca: authority.cert },
  });
  for (let i = 0; i < 2; i++) {
    assertEquals(await (await client.fetch(`https://127.0.0.1:${port}/`)).text(), "twice secret");
  }
  await client.close();
});

const REFUSALS: [string, string][] = [
  [response("who?", "", "407 Proxy Authentication Required"), "ERR_HTTP_PROXY_REFUSED"],
  [response("", "", "502 Bad Gateway"), "ERR_HTTP_PROXY_REFUSED"],
  ["SSH-2.0-OpenSSH\r\n", "ERR_HTTP_NOT_HTTP"],
];

for (const [answer, code] of REFUSALS) {
  Deno.test(`https fails when the proxy answers ${JSON.stringify(answer.slice(0, 20))}`, async () => {
    await using proxy = await scriptedServer(async (connection) => {
      await connection.head();
      await connection.write(answer);
      await connection.ended;
    });
    await using client = new HttpClient({ proxy: proxy.url });
    const error = await assertRejects(() => client.fetch("https://a.test/"), NetError);
    assert(error.code === code || error.code === "ERR_HTTP_INVALID_START_LINE", error.code);
  });
}

Deno.test("https fails when the proxy closes, or its call is aborted meanwhile", async () => {
  await using proxy = await scriptedServer(async (connection) => {
    await connection.head();
    if (connection.index === 0) connection.end();
    else await connection.ended;
  });
  await using client = new HttpClient({ proxy: proxy.url });
  const error = await assertRejects(() => client.fetch("https://a.test/"), NetError);
  assertEquals(error.code, "ERR_HTTP_NO_RESPONSE");
  const controller = new AbortController();
  const failed = client.fetch("https://a.test/", { signal: controller.signal });
  controller.abort(new RangeError("Stop"));
  await assertRejects(() => failed, RangeError);
});
