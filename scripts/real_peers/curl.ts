/**
 * curl as a client of our HTTP server. `deno task test:curl`; the last line is `N passed, N failed`,
 * or why nothing was tested; then it has not passed.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type RequestInfo, Response, serve } from "@netstd/net/http";
import { createCertificateAuthority, issueCertificate } from "@netstd/net/tls";
import { withTrailers } from "../../http/mod.ts";
import { missing } from "./missing.ts";

/** Runs curl in the folder of the run; gives its standard output. */
type Curl = (...args: string[]) => Promise<string>;

interface Case {
  readonly name: string;
  /** `origin` is our server's, without a slash at its end. */
  run(curl: Curl, origin: string): Promise<void>;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that do not repeat soon: one that is lost or doubled shows. */
const pattern = (size: number) => new Uint8Array(size).map((_, i) => (i * 11) ^ (i >> 9));

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function chunks(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const all = pattern(size);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= size) return controller.close();
      controller.enqueue(all.slice(at, at += 10_000));
    },
  });
}

function describeRequest(request: Request, info: RequestInfo): Response {
  const { method, url } = request;
  const { pathname, search } = new URL(url);
  const headers = Object.fromEntries(request.headers);
  const port = info.remoteAddr?.transport === "tcp" ? info.remoteAddr.port : null;
  return Response.json({ method, pathname, search, headers, port, version: info.httpVersion });
}

const routes: Readonly<
  Record<string, (request: Request, info: RequestInfo) => globalThis.Response | Promise<Response>>
> = {
  "/hello": () => new Response("Hello", { headers: { "x-id": "7" } }),
  "/echo": async (request) => new Response(await request.text()),
  "/digest": async (request) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const framing = request.headers.has("content-length") ? "length" : "chunked";
    return new Response(`${framing} ${bytes.length} ${await digest(bytes)}`);
  },
  "/refuse": () => new Response("Not that", { status: 413 }),
  "/stream": () => new Response(chunks(MIB)),
  "/trailers": () => withTrailers(new Response(chunks(KIB)), () => ({ "x-sum": "12" })),
  "/hints": (_request, info) => {
    info.earlyHints({ link: "</style.css>; rel=preload" });
    return new Response("hinted");
  },
  "/redirect": () => new Response(null, { status: 302, headers: { location: "/hello" } }),
  "/empty": () => new Response(null, { status: 204 }),
};

function handle(request: Request, info: RequestInfo): globalThis.Response | Promise<Response> {
  const route = routes[new URL(request.url).pathname] ?? describeRequest;
  return route(request, info);
}

/** The response heads that curl was to write in front of the content, one list of lines each. */
function headsOf(output: string): string[][] {
  return output.split("\r\n\r\n").slice(0, -1).map((head) => head.split("\r\n"));
}

const cases: readonly Case[] = [
  {
    name: "gets, with headers and a query",
    async run(curl, origin) {
      const output = await curl(`${origin}/a%20b?c=d&e`, "-H", "X-Own: yes", "-A", "agent/1");
      const { method, pathname, search, headers, version } = JSON.parse(output);
      assertEquals([method, pathname, search, version], ["GET", "/a%20b", "?c=d&e", "1.1"]);
      assertEquals([headers["x-own"], headers["user-agent"]], ["yes", "agent/1"]);
    },
  },
  {
    name: "asks for the head alone",
    async run(curl, origin) {
      const [head] = headsOf(await curl("--head", `${origin}/hello`));
      assertEquals(head![0], "HTTP/1.1 200 OK");
      assert(head!.includes("x-id: 7") && head!.includes("content-length: 5"), head!.join());
    },
  },
  {
    name: "posts a form's fields",
    async run(curl, origin) {
      const output = await curl(`${origin}/echo`, "-d", "a=1", "--data-urlencode", "b=x y&z");
      assertEquals(output, "a=1&b=x+y%26z");
    },
  },
  {
    name: "speaks HTTP/1.0 and gets the stream without chunks",
    async run(curl, origin) {
      const output = await curl("--http1.0", "-i", "--output", "stream", `${origin}/stream`);
      assertEquals(output, "");
      const file = await Deno.readFile("stream");
      const text = new TextDecoder("latin1").decode(file.subarray(0, KIB));
      const head = text.slice(0, text.indexOf("\r\n\r\n"));
      assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
      assert(!/transfer-encoding/i.test(head), head);
      assertEquals(await digest(file.slice(head.length + 4)), await digest(pattern(MIB)));
    },
  },
  {
    name: "gets a stream in chunks",
    async run(curl, origin) {
      await curl("--output", "stream", `${origin}/stream`);
      assertEquals(await digest(await Deno.readFile("stream")), await digest(pattern(MIB)));
    },
  },
  {
    name: "uploads a file, by its length and in chunks",
    async run(curl, origin) {
      const bytes = pattern(8 * MIB);
      await Deno.writeFile("up", bytes);
      const rest = `${bytes.length} ${await digest(bytes)}`;
      assertEquals(await curl("-T", "up", `${origin}/digest`), `length ${rest}`);
      const chunked = ["-T", "up", "-H", "Transfer-Encoding: chunked", `${origin}/digest`];
      assertEquals(await curl(...chunked), `chunked ${rest}`);
    },
  },
  {
    name: "waits for 100 (Continue) before it sends content",
    async run(curl, origin) {
      await Deno.writeFile("up", pattern(2 * MIB));
      // Longer than the case may take: it has to be the server that lets it go on.
      const waits = ["-H", "Expect: 100-continue", "--expect100-timeout", "60"];
      const output = await curl("-i", ...waits, "-T", "up", `${origin}/digest`);
      const heads = headsOf(output);
      assertEquals(heads.map(([line]) => line), ["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK"]);
    },
  },
  {
    name: "is refused while it waits for 100 (Continue), and sends nothing",
    async run(curl, origin) {
      await Deno.writeFile("up", pattern(2 * MIB));
      const waits = ["-H", "Expect: 100-continue", "--expect100-timeout", "60"];
      const report = ["-w", " %{http_code} %{size_upload}"];
      const output = await curl(...waits, ...report, "-T", "up", `${origin}/refuse`);
      assertEquals(output, "Not that 413 0");
    },
  },
  {
    name: "keeps its connection for several URLs",
    async run(curl, origin) {
      const urls = ["/1", "/2", "/3"].map((path) => `${origin}${path}`);
      const separator = ["-w", "\\n%{num_connects}\\n"];
      const lines = (await curl(...separator, ...urls)).trim().split("\n");
      assertEquals(lines.filter((_, i) => i % 2 === 1), ["1", "0", "0"]);
      const ports = lines.filter((_, i) => i % 2 === 0).map((line) => JSON.parse(line).port);
      assertEquals(new Set(ports).size, 1);
    },
  },
  {
    name: "says that it will close, and is told so",
    async run(curl, origin) {
      const output = await curl("-i", "-H", "Connection: close", `${origin}/hello`);
      assert(headsOf(output)[0]!.includes("connection: close"), output);
    },
  },
  {
    name: "offers to decompress what is not compressed",
    async run(curl, origin) {
      assertEquals(await curl("--compressed", `${origin}/hello`), "Hello");
    },
  },
  {
    name: "follows a redirect",
    async run(curl, origin) {
      assertEquals(await curl("--location", `${origin}/redirect`), "Hello");
    },
  },
  {
    name: "gets no content",
    async run(curl, origin) {
      assertEquals(await curl("-w", "%{http_code}", `${origin}/empty`), "204");
    },
  },
  {
    name: "gets trailer fields",
    async run(curl, origin) {
      await curl("--dump-header", "heads", "--output", "body", `${origin}/trailers`);
      const heads = await Deno.readTextFile("heads");
      assertMatch(heads, /transfer-encoding: chunked\r\n/);
      assertMatch(heads, /\r\nx-sum: 12\r\n/);
      assertEquals((await Deno.readFile("body")).length, KIB);
    },
  },
  {
    name: "gets early hints",
    async run(curl, origin) {
      const heads = headsOf(await curl("-i", `${origin}/hints`));
      assertEquals(heads.map(([line]) => line), ["HTTP/1.1 103 Early Hints", "HTTP/1.1 200 OK"]);
      assertEquals(heads[0]![1], "link: </style.css>; rel=preload");
    },
  },
  {
    name: "asks twenty times in parallel",
    async run(curl, origin) {
      const output = await curl("--parallel", `${origin}/digest?[1-20]`, "-d", "x".repeat(5000));
      assertEquals(output.match(/length 5000 /g)?.length, 20);
    },
  },
];

/** How curl reaches a server of ours. */
interface Way {
  readonly name: string;
  readonly args: readonly string[];
  readonly origin: string;
  readonly server: AsyncDisposable;
}

async function overTcp(): Promise<Way> {
  const server = serve({ port: 0, hostname: "127.0.0.1" }, handle);
  const { port } = await portOf(server);
  return { name: "HTTP", args: [], origin: `http://127.0.0.1:${port}`, server };
}

async function overTls(): Promise<Way> {
  const authority = await createCertificateAuthority({ name: "Authority of the tests" });
  const identity = await issueCertificate(authority, { names: ["localhost"] });
  await Deno.writeTextFile("authority.pem", authority.cert);
  const server = serve({ port: 0, hostname: "127.0.0.1", tls: identity }, handle);
  const { port } = await portOf(server);
  const args = ["--cacert", "authority.pem", "--resolve", `localhost:${port}:127.0.0.1`];
  return { name: "HTTPS", args, origin: `https://localhost:${port}`, server };
}

async function overUnixSocket(): Promise<Way> {
  const server = serve({ path: "socket" }, handle);
  await server.opened;
  return {
    name: "Unix socket",
    args: ["--unix-socket", "socket"],
    origin: "http://unix.test",
    server,
  };
}

async function portOf(server: ReturnType<typeof serve>): Promise<{ port: number }> {
  const address = await server.opened;
  assert(address.transport === "tcp");
  return address;
}

/** Runs curl, which is to end well. */
async function runCurl(args: readonly string[]): Promise<string> {
  const quiet = ["--silent", "--show-error", "--max-time", "20"];
  const command = new Deno.Command("curl", { args: [...quiet, ...args] });
  const { code, stdout, stderr } = await command.output();
  if (code !== 0) throw new Error(`Curl ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function hasCurl(): Promise<boolean> {
  try {
    return (await new Deno.Command("curl", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

/** Runs all cases one way; gives the number of failures. */
async function ask({ name: way, args, origin }: Way): Promise<number> {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await run((...more) => runCurl([...args, ...more]), origin);
      console.log(`ok ${way}: ${name}`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${way}: ${name}:`, error);
    }
  }
  return failed;
}

async function main(): Promise<number> {
  if (!await hasCurl()) return missing("curl", "curl");
  const folder = await Deno.makeTempDir({ prefix: "netstd-curl-" });
  Deno.chdir(folder);
  let failed = 0;
  const ways = [overTcp, overTls, overUnixSocket];
  for (const open of ways) {
    const way = await open();
    await using _server = way.server;
    failed += await ask(way);
  }
  await Deno.remove(folder, { recursive: true });
  console.log(`${ways.length * cases.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
