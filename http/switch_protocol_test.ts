import { assertEquals, assertThrows } from "@std/assert";
import { HttpClient } from "./client.ts";
import { Response } from "./response.ts";
import { serve } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

Deno.test("switchProtocol() refuses what the client did not offer, and fields of its own", async () => {
  const codes: unknown[] = [];
  await using server = serve(LOCAL, (_, info) => {
    for (const options of [{ protocol: "other" }, { headers: { Upgrade: "other" } }]) {
      const { code, status } = assertThrows(() => info.upgrade(options)) as Error & {
        code: string;
        status?: number;
      };
      codes.push(code, status);
    }
    return new Response("no");
  });
  const { port } = await server.opened;
  await using client = new HttpClient();
  const url = `http://127.0.0.1:${port}/`;
  const { response, socket } = await client.upgrade(url, { protocol: "echo" });
  assertEquals([await response.text(), socket], ["no", null]);
  assertEquals(codes, ["ERR_HTTP_UPGRADE", 426, "ERR_HTTP_INVALID_HEADER", undefined]);
});
