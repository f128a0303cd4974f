import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawConnect } from "../_testing/raw_client.ts";
import { Response } from "./response.ts";
import { serve } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" } as const;
const GET = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const hello = () => new Response("hello");

/** Sends one request, and gives all that comes until the end. */
async function ask(where: { port?: number; path?: string }, request = GET): Promise<string> {
  await using client = await rawConnect(where);
  await client.write(request);
  await client.ended;
  return client.text;
}

Deno.test("serve() answers by the handler, and tells where it listens", async () => {
  let told: unknown;
  const server = serve({ ...LOCAL, onListen: (address) => told = address }, hello);
  const address = await server.opened;
  assertEquals(address.hostname, "127.0.0.1");
  assertEquals([told, server.addr, server.address], [address, address, address]);
  assert((await ask({ port: address.port! })).endsWith("hello"));
  assertEquals(server.listening, true);
  await server.shutdown();
  await server.finished;
  assertEquals([server.listening, server.connections], [false, 0]);
});

Deno.test("serve() takes the handler first, second, or among the options", async () => {
  const servers = [serve({ ...LOCAL, handler: hello }), serve(LOCAL, hello)];
  for (const server of servers) {
    const { port } = await server.opened;
    assert((await ask({ port: port! })).endsWith("hello"));
    await server.close();
  }
});

Deno.test("serve() throws when there is no handler, or a limit cannot be", () => {
  assertThrows(() => serve({ port: 0 } as never), TypeError);
  assertThrows(() => serve(undefined as never), TypeError, "handler");
  assertThrows(() => serve({ port: 0, signal: {} as AbortSignal }, hello), TypeError, "signal");
  assertThrows(() => serve({ port: 0, limits: { head: -1 } }, hello), RangeError);
});

Deno.test("serve() rejects opened and finished when the port is taken", async () => {
  const first = serve(LOCAL, hello);
  const { port } = await first.opened;
  const second = serve({ port: port!, hostname: "127.0.0.1" }, hello);
  const error = await assertRejects(() => second.opened);
  assertEquals((error as { code?: string }).code, "EADDRINUSE");
  await assertRejects(() => second.finished);
  await first.close();
});

Deno.test("serve() listens on a Unix socket when it is given a path", async () => {
  const folder = await mkdtemp(join(tmpdir(), "http-"));
  const path = join(folder, "s.sock");
  const server = serve({ path }, (request) => new Response(request.url));
  await server.opened;
  assert((await ask({ path })).endsWith("http://a.test/"));
  await server.shutdown();
  await rm(folder, { recursive: true });
});

Deno.test("serve() shuts down when its signal aborts, and never listens when it has before", async () => {
  const controller = new AbortController();
  const server = serve({ ...LOCAL, signal: controller.signal }, hello);
  await server.opened;
  controller.abort();
  await server.finished;

  const reason = new Error("never");
  const aborted = serve({ ...LOCAL, signal: AbortSignal.abort(reason) }, hello);
  assertEquals(await assertRejects(() => aborted.opened), reason);
});

Deno.test("serve() closes at the end of a block by await using", async () => {
  let finished: Promise<void>;
  {
    await using server = serve(LOCAL, hello);
    finished = server.finished;
    await server.opened;
  }
  await finished;
});
