import { assertEquals, assertThrows } from "@std/assert";
import type { NetError } from "../_core/errors.ts";
import * as limits from "./limits.ts";
import { checkMulticastTTL, checkTTL, readBindTarget, readTarget, settle } from "./options.ts";

function codeOf(call: () => unknown): string {
  return (assertThrows(call) as NetError).code;
}

Deno.test("settle() fills in the defaults and leaves the system its own", () => {
  assertEquals(settle({}), {
    maxQueued: limits.MAX_QUEUED,
    maxUnsentBytes: limits.MAX_UNSENT_BYTES,
    maxNames: limits.MAX_NAMES,
    nameLifetime: limits.NAME_LIFETIME,
    request: {
      ipv6Only: false,
      reuseAddress: false,
      recvBufferSize: undefined,
      sendBufferSize: undefined,
      settings: {},
    },
  });
  const { request, maxQueued } = settle({
    maxQueued: Infinity,
    ttl: 3,
    multicastInterface: "eth0",
    broadcast: true,
  });
  assertEquals(maxQueued, Infinity);
  assertEquals(request.settings, { ttl: 3, multicastInterface: "::%eth0", broadcast: true });
});

Deno.test("checkTTL() and checkMulticastTTL() hold hops to their ranges", () => {
  assertEquals([checkTTL(1), checkTTL(255), checkMulticastTTL(0)], [1, 255, 0]);
  for (const hops of [0, 256, 1.5, "5", NaN]) {
    assertEquals(codeOf(() => checkTTL(hops)), "ERR_OUT_OF_RANGE");
  }
  assertEquals(codeOf(() => checkMulticastTTL(-1)), "ERR_OUT_OF_RANGE");
});

Deno.test("readTarget() takes a host and a port, or an address", () => {
  const remote = { transport: "udp", address: "::1", family: "IPv6", port: 53 } as const;
  assertEquals(readTarget(remote), { host: "::1", port: 53 });
  assertEquals(readTarget({ hostname: "[::1]", port: 53 }), { host: "::1", port: 53 });
  assertEquals(readTarget({ hostname: "name.test", port: 53 }), { host: "name.test", port: 53 });
  assertEquals(readTarget({ port: 53 }), { host: "localhost", port: 53 });
  assertEquals(codeOf(() => readTarget({ port: 0 })), "ERR_SOCKET_BAD_PORT");
  assertEquals(codeOf(() => readTarget({ hostname: "", port: 1 })), "ERR_INVALID_ARG_VALUE");
});

Deno.test("readBindTarget() takes a port, or an object with any of its fields", () => {
  assertEquals(readBindTarget(53), { port: 53, hostname: undefined, signal: undefined });
  assertEquals(readBindTarget({}), { port: 0, hostname: undefined, signal: undefined });
  assertEquals(readBindTarget({ hostname: "[::1]" }).hostname, "::1");
  assertEquals(codeOf(() => readBindTarget({ port: -1 })), "ERR_SOCKET_BAD_PORT");
});
