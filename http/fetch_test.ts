import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NetError } from "../_core/errors.ts";
import { defaultClient, fetch } from "./fetch.ts";

Deno.test("fetch() works against node:http", async () => {
  const server = createServer((request, response) => {
    response.setHeader("x-method", request.method ?? "");
    response.setHeader("connection", "close");
    request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const body = new ReadableStream({
    start(stream) {
      for (let i = 0; i < 100; i++) stream.enqueue(new Uint8Array(10_000).fill(i));
      stream.close();
    },
  });
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
  assertEquals(answer.headers.get("x-method"), "POST");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assertEquals([bytes.length, bytes[0], bytes[999_999]], [1_000_000, 0, 99]);
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("fetch() rejects when the arguments cannot be, and shares one client", async () => {
  await assertRejects(() => fetch("no URL"), TypeError);
  const error = await assertRejects(() => fetch("http://127.0.0.1:1/"), NetError);
  assertEquals(error.code, "ECONNREFUSED");
  assertStrictEquals(defaultClient(), defaultClient());
});
