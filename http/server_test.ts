import { assert, assertEquals, assertThrows } from "@std/assert";
import { once } from "node:events";
import { nextEvent } from "../_testing/event_log.ts";
import { type RawClient, rawConnect } from "../_testing/raw_client.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { Response } from "./response.ts";
import { createServer, HttpServer } from "./server.ts";
import { Deferred } from "../_core/deferred.ts";
import { connect as connectTls } from "../tls/mod.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" } as const;
const head = (method: string, target: string, ...lines: string[]) =>
  [`${method} ${target} HTTP/1.1`, "Host: a.test", ...lines, "", ""].join("\r\n");

async function clientOf(server: HttpServer, allowHalfOpen = false): Promise<RawClient> {
  return await rawConnect({ port: server.addr.port!, allowHalfOpen });
}

/** All that a client gets for what it sends. */
async function answerTo(server: HttpServer, request: string): Promise<string> {
  await using client = await clientOf(server);
  await client.write(request);
  await client.ended;
  return client.text;
}

Deno.test("HttpServer emits listening, connection, request and close, in this order", async () => {
  const log: string[] = [];
  const server = new HttpServer();
  server.on("listening", () => log.push("listening"));
  server.on("connection", (remote) => log.push(`connection ${remote?.hostname}`));
  server.on("close", () => log.push("close"));
  server.on("request", (request, respondWith, info) => {
    log.push(`request ${new URL(request.url).pathname} ${info.httpVersion}`);
    respondWith(new Response("answered"));
  });
  await server.listen(LOCAL);
  const text = await answerTo(server, head("GET", "/x", "Connection: close"));
  assert(text.endsWith("answered"));
  await server.shutdown();
  assertEquals(log, ["listening", "connection 127.0.0.1", "request /x 1.1", "close"]);
});

Deno.test("HttpServer answers 404 when nobody answers, and 500 when a listener throws", async () => {
  await using server = createServer({ onError: () => new Response("mended", { status: 500 }) });
  await server.listen(LOCAL);
  assert((await answerTo(server, head("GET", "/", "Connection: close"))).includes(" 404 "));
  server.on("request", () => {
    throw new Error("secret");
  });
  const text = await answerTo(server, head("GET", "/", "Connection: close"));
  assert(text.includes(" 500 ") && text.endsWith("mended"));
});

Deno.test("HttpServer lets checkContinue answer for request when a client waits for 100", async () => {
  await using server = createServer(() => new Response("handler"));
  server.on("checkContinue", async (request, respondWith) => {
    if (request.headers.get("x-accept") !== "yes") {
      return respondWith(new Response("refused", { status: 417 }));
    }
    respondWith(new Response(await request.text()));
  });
  await server.listen(LOCAL);
  const lines = ["Content-Length: 2", "Expect: 100-continue", "Connection: close"];
  const refused = await answerTo(server, head("POST", "/", ...lines));
  assert(refused.startsWith("HTTP/1.1 417 ") && refused.endsWith("refused"));
  await using client = await clientOf(server);
  await client.write(head("POST", "/", "X-Accept: yes", ...lines));
  await client.waitFor(25);
  assertEquals(client.text, "HTTP/1.1 100 Continue\r\n\r\n");
  await client.write("ok");
  await client.ended;
  assert(client.text.endsWith("ok"));
});

Deno.test("HttpServer gives upgrade and connect the socket and what came ahead", async () => {
  await using server = createServer(() => new Response("handler"));
  for (const event of ["upgrade", "connect"] as const) {
    server.on(event, (request, socket, early) => {
      socket.write(`${event} ${request.method} `);
      socket.write(early);
      socket.pipe(socket);
    });
  }
  await server.listen(LOCAL);
  const upgrading = head("GET", "/", "Connection: upgrade", "Upgrade: echo");
  for (
    const [request, greeting] of [
      [upgrading, "upgrade GET early"],
      [head("CONNECT", "b.test:80"), "connect CONNECT early"],
    ] as const
  ) {
    await using client = await clientOf(server);
    await client.write(`${request}early`);
    await client.waitFor(greeting.length);
    await client.write(", later");
    await client.waitFor(greeting.length + 7);
    client.end();
    await client.ended;
    assertEquals(client.text, `${greeting}, later`);
  }
});

Deno.test("HttpServer ignores an upgrade and refuses CONNECT when nobody listens to them", async () => {
  await using server = createServer(() => new Response("handler"));
  await server.listen(LOCAL);
  const request = head("GET", "/", "Connection: upgrade, close", "Upgrade: echo");
  assert((await answerTo(server, request)).endsWith("handler"));
  assert((await answerTo(server, head("CONNECT", "b.test:80"))).startsWith("HTTP/1.1 501 "));
});

Deno.test("HttpServer emits clientError when a client breaks the protocol, and lives on", async () => {
  await using server = createServer(() => new Response("handler"));
  await server.listen(LOCAL);
  const told = nextEvent(server, "clientError");
  assert((await answerTo(server, "nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 "));
  const [error, remote] = await told as [{ code: string; status: number }, { hostname: string }];
  assertEquals(
    [error.code, error.status, remote.hostname],
    ["ERR_HTTP_INVALID_START_LINE", 400, "127.0.0.1"],
  );
  assert((await answerTo(server, head("GET", "/", "Connection: close"))).endsWith("handler"));
});

Deno.test("HttpServer drops connections beyond the limit", async () => {
  await using server = createServer({ limits: { connections: 1 } }, () => new Response("x"));
  await server.listen(LOCAL);
  await using first = await clientOf(server);
  await first.write(head("GET", "/"));
  await first.waitFor(1);
  const dropped = once(server, "drop");
  await using second = await clientOf(server);
  await second.ended;
  assertEquals(((await dropped)[0] as { reason: string }).reason, "maxConnections");
});

Deno.test("HttpServer shutdown() finishes what runs, with its time limit; close() does not", async () => {
  for (const end of ["shutdown", "timeout", "close"] as const) {
    const answer = new Deferred<globalThis.Response>();
    const asked = new Deferred<AbortSignal>();
    const server = createServer((request) => {
      asked.resolve(request.signal);
      return answer.promise;
    });
    await server.listen(LOCAL);
    await using idle = await clientOf(server);
    await using busy = await clientOf(server);
    await busy.write(head("GET", "/"));
    const signal = await asked.promise;
    const closed = end === "close"
      ? server.close()
      : server.shutdown(end === "timeout" ? { timeout: 1 } : {});
    await idle.ended;
    if (end === "shutdown") answer.resolve(new Response("finished"));
    await busy.ended;
    await closed;
    assertEquals(busy.text.endsWith("finished"), end === "shutdown");
    assertEquals(signal.aborted, end !== "shutdown");
  }
});

Deno.test("HttpServer serves HTTPS, and tells of the session", async () => {
  const { server: identity, authority } = await testCertificates();
  let seen: unknown;
  await using server = createServer({ tls: identity }, (request, info) => {
    seen = [new URL(request.url).protocol, info.secure, info.alpnProtocol];
    return new Response("private");
  });
  await server.listen(LOCAL);
  const options = { ca: authority.cert, servername: "localhost", alpnProtocols: ["http/1.1"] };
  const socket = connectTls({ port: server.addr.port!, hostname: "127.0.0.1" }, options);
  socket.write(head("GET", "/", "Connection: close"));
  let text = "";
  for await (const chunk of socket) text += new TextDecoder().decode(chunk);
  assert(text.endsWith("private"));
  assertEquals(seen, ["https:", true, "http/1.1"]);
  server.setSecureContext(identity);
});

Deno.test("HttpServer answers 421 over TLS when a target has a scheme that it does not serve", async () => {
  const { server: identity, authority } = await testCertificates();
  await using server = createServer({ tls: identity }, () => new Response("private"));
  await server.listen(LOCAL);
  for (const [scheme, status] of [["ftp", 421], ["https", 200]] as const) {
    const address = { port: server.addr.port!, hostname: "127.0.0.1" };
    const socket = connectTls(address, { ca: authority.cert, servername: "localhost" });
    socket.write(head("GET", `${scheme}://localhost/`, "Connection: close"));
    let text = "";
    for await (const chunk of socket) text += new TextDecoder().decode(chunk);
    assert(text.startsWith(`HTTP/1.1 ${status} `), text);
  }
});

Deno.test("HttpServer setSecureContext() throws ERR_INVALID_STATE when there is no TLS", () => {
  const error = assertThrows(() => createServer().setSecureContext({ key: "", cert: "" }));
  assertEquals((error as { code?: string }).code, "ERR_INVALID_STATE");
});

Deno.test("HttpServer holds the process, or not, as it is told", async () => {
  const server = createServer(() => new Response("x"));
  assertEquals(server.unref().ref(), server);
  await server.listen(LOCAL);
  server.unref().ref();
  await server.close();
});
