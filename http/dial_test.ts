import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash, X509Certificate } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetError } from "../_core/errors.ts";
import { always, response, scriptedServer } from "../_testing/scripted_server.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { createServer, type TlsServer, type TlsServerOptions } from "../tls/mod.ts";
import { HttpClient } from "./client.ts";
import type { HttpClientOptions } from "./client_options.ts";
import { checkDialing } from "./dial.ts";

/** An HTTPS server that answers every request by a text. */
async function secureServer(options: TlsServerOptions, text = "secret"): Promise<TlsServer> {
  const server = createServer(options, async (socket) => {
    let head = "";
    for await (const chunk of socket) {
      head += new TextDecoder().decode(chunk);
      for (let at = head.indexOf("\r\n\r\n"); at !== -1; at = head.indexOf("\r\n\r\n")) {
        head = head.slice(at + 4);
        socket.write(response(text));
      }
    }
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  return server;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("dial() opens a session that is verified, and it is used again", async () => {
  const { authority, server: identity } = await testCertificates();
  await using server = await secureServer({ ...identity });
  await using client = new HttpClient({ ca: authority.cert });
  const url = `https://127.0.0.1:${server.address!.port}/`;
  for (let i = 0; i < 3; i++) assertEquals(await (await client.fetch(url)).text(), "secret");
  assertEquals(client.stats.reused, 2);
});

Deno.test("dial() refuses a certificate when it is not to be trusted", async () => {
  const { server: identity, authority, other } = await testCertificates();
  await using server = await secureServer({ ...identity });
  await using wrong = await secureServer({ ...other });
  const url = `https://127.0.0.1:${server.address!.port}/`;
  await using stranger = new HttpClient();
  assertEquals(await codeOf(stranger.fetch(url)), "ERR_TLS_CERT_UNTRUSTED");
  await using named = new HttpClient({ ca: authority.cert });
  const elsewhere = `https://127.0.0.1:${wrong.address!.port}/`;
  assertEquals(await codeOf(named.fetch(elsewhere)), "ERR_TLS_CERT_ALTNAME_INVALID");
  await using servername = new HttpClient({ ca: authority.cert, servername: "other.test" });
  assertEquals(await (await servername.fetch(elsewhere)).text(), "secret");
  await using trusting = new HttpClient({ rejectUnauthorized: false });
  assertEquals(await (await trusting.fetch(url)).text(), "secret");
});

Deno.test("dial() heeds a pin, and shows a certificate of its own", async () => {
  const { server: identity, authority, client: mine } = await testCertificates();
  await using server = await secureServer({
    ...identity,
    ca: authority.cert,
    requestCert: true,
  });
  const url = `https://127.0.0.1:${server.address!.port}/`;
  const pin = createHash("sha256").update(new X509Certificate(identity.cert).raw).digest("hex");
  const options: HttpClientOptions = { ca: authority.cert, key: mine.key, cert: mine.cert };
  await using client = new HttpClient({ ...options, pin });
  assertEquals(await (await client.fetch(url)).text(), "secret");
  await using wrong = new HttpClient({ ...options, pin: "00".repeat(32) });
  await assertRejects(() => wrong.fetch(url), NetError);
  await using nobody = new HttpClient({ ca: authority.cert });
  await assertRejects(() => nobody.fetch(url), NetError);
});

Deno.test("dial() fails with what connecting fails with", async () => {
  await using plain = await scriptedServer((connection) => connection.write("no TLS at all\r\n"));
  await using client = new HttpClient({ timeouts: { handshake: 100 } });
  assertEquals(
    await codeOf(client.fetch(plain.url.replace("http:", "https:"))),
    "ERR_TLS_NOT_TLS",
  );
  await using silent = await scriptedServer(async (connection) => await connection.ended);
  assertEquals(
    await codeOf(client.fetch(silent.url.replace("http:", "https:"))),
    "ERR_TLS_HANDSHAKE_TIMEOUT",
  );
  assertEquals(await codeOf(client.fetch("http://127.0.0.1:1/")), "ECONNREFUSED");
});

Deno.test("dial() goes to a Unix socket when there is a path", async () => {
  const path = join(tmpdir(), `netstd-client-${crypto.randomUUID()}.sock`);
  let head = "";
  await using _server = await scriptedServer(async (connection) => {
    head = await connection.head();
    await connection.write(response("local"));
  }, { path });
  await using client = new HttpClient({ path });
  assertEquals(await (await client.fetch("http://docker/v1/info")).text(), "local");
  assert(head.startsWith("GET /v1/info HTTP/1.1\r\nhost: docker\r\n"));
  await rm(path, { force: true });
});

Deno.test("dial() gives up when everybody who waits is gone", async () => {
  await using silent = await scriptedServer(async (connection) => await connection.ended);
  await using client = new HttpClient();
  const controller = new AbortController();
  const url = silent.url.replace("http:", "https:");
  const failed = client.fetch(url, { signal: controller.signal });
  controller.abort(new RangeError("Stop"));
  await assertRejects(() => failed, RangeError);
  await client.close({ timeout: 0 });
  assertEquals([client.stats.connecting, client.stats.open], [0, 0]);
});

Deno.test("checkDialing() throws when a certificate comes without its key", () => {
  assertThrows(() => checkDialing({ cert: "x" }), TypeError);
  assertThrows(() => checkDialing({ key: "x" }), TypeError);
  checkDialing({});
});

Deno.test("a client is told of a server that answers before it was asked", async () => {
  await using server = await scriptedServer(always(response("x")));
  await using client = new HttpClient();
  assertEquals(await (await client.fetch(server.url)).text(), "x");
});
