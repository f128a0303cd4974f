import { assert, assertEquals } from "@std/assert";
import { freePort } from "./free_port.ts";
import { startPeer } from "./peer.ts";

Deno.test("freePort() gives a port that a server can have, again and again", async () => {
  const port = await freePort();
  assert(port >= 10_000 && port < 30_000, `${port}`);
  for (let i = 0; i < 2; i++) {
    await using peer = await startPeer({ port });
    assertEquals(peer.port, port);
  }
});
