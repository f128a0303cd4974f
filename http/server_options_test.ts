import { assertEquals, assertThrows } from "@std/assert";
import { endAddress, listenTargetOf, readServerOptions } from "./server_options.ts";

Deno.test("readServerOptions() gives finite limits and timeouts when nothing is set", () => {
  const { timeouts, date, keepAliveLines, allowHalfOpen, ...limits } = readServerOptions({});
  for (const [name, value] of [...Object.entries(limits), ...Object.entries(timeouts)]) {
    assertEquals([name, Number.isFinite(value) && value > 0], [name, true]);
  }
  assertEquals(typeof date(), "string");
  assertEquals(keepAliveLines, "connection: keep-alive\r\nkeep-alive: timeout=65\r\n");
  assertEquals(allowHalfOpen, true);
});

Deno.test("readServerOptions() takes what is set, and announces the keep-alive timeout", () => {
  const settings = readServerOptions({
    limits: { requestLine: 1, head: 2, fields: 3, body: 4, chunkExtensions: 5, trailers: 6 },
    timeouts: { head: 10, body: 20, keepAlive: 2_500, response: 40, presence: 60, linger: 50 },
  });
  assertEquals(
    [settings.maxStartLine, settings.maxHead, settings.maxFields, settings.maxBody],
    [1, 2, 3, 4],
  );
  assertEquals([settings.maxChunkExtensions, settings.maxTrailers], [5, 6]);
  assertEquals(
    settings.timeouts,
    { head: 10, body: 20, keepAlive: 2_500, response: 40, presence: 60, linger: 50 },
  );
  assertEquals(settings.keepAliveLines, "connection: keep-alive\r\nkeep-alive: timeout=2\r\n");
});

Deno.test("readServerOptions() announces no time when it is endless or below a second", () => {
  for (const keepAlive of [Infinity, 900]) {
    const { keepAliveLines } = readServerOptions({ timeouts: { keepAlive } });
    assertEquals(keepAliveLines, "connection: keep-alive\r\n");
  }
});

Deno.test("readServerOptions() throws ERR_OUT_OF_RANGE when a limit or a timeout cannot be", () => {
  for (const value of [-1, NaN, "5" as unknown as number]) {
    for (const options of [{ limits: { head: value } }, { timeouts: { head: value } }]) {
      const error = assertThrows(() => readServerOptions(options), RangeError);
      assertEquals((error as { code?: string }).code, "ERR_OUT_OF_RANGE");
    }
  }
});

Deno.test("listenTargetOf() gives port 8000 when nothing is set, and the path when there is one", () => {
  assertEquals(listenTargetOf({}), { port: 8000 });
  assertEquals(listenTargetOf({ port: 0, hostname: "::1", reusePort: true }), {
    port: 0,
    hostname: "::1",
    reusePort: true,
  });
  assertEquals(listenTargetOf({ path: "/tmp/x.sock", port: 1 }), {
    path: "/tmp/x.sock",
    removeStale: true,
  });
});

Deno.test("endAddress() names the IP address as Deno does when it is one", () => {
  const address = { transport: "tcp", address: "::1", family: "IPv6", port: 1 } as const;
  assertEquals(endAddress(address), { ...address, hostname: "::1" });
  assertEquals(endAddress({ transport: "unix", path: "/x" }), { transport: "unix", path: "/x" });
});
