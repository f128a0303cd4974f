import { assert, assertEquals, assertRejects } from "@std/assert";
import { ipVersion } from "../_core/address.ts";
import { NetError } from "../_core/errors.ts";
import { lookup } from "./node_dns.ts";

Deno.test("lookup() gives addresses with their families when a name has some", async () => {
  const addresses = await lookup("localhost", 0);
  assert(addresses.length > 0);
  for (const { address, family } of addresses) assertEquals(ipVersion(address), family);
});

Deno.test("lookup() gives one family when it is asked for one", async () => {
  assertEquals(await lookup("127.0.0.1", 4), [{ address: "127.0.0.1", family: 4 }]);
  assertEquals(await lookup("::1", 6), [{ address: "::1", family: 6 }]);
  const addresses = await lookup("localhost", 4);
  assert(addresses.length > 0);
  assertEquals(addresses.filter(({ family }) => family !== 4), []);
});

Deno.test("lookup() rejects with every field when there is no such name", async () => {
  const error = await assertRejects(() => lookup("no-such-name.invalid", 0), NetError);
  const { code, syscall, hostname, errno, address } = error;
  assert(["ENOTFOUND", "EAI_AGAIN"].includes(code), code);
  assertEquals({ syscall, hostname, errno, address }, {
    syscall: "getaddrinfo",
    hostname: "no-such-name.invalid",
    errno: code === "ENOTFOUND" ? -3008 : -3001,
    address: undefined,
  });
  assert(error.cause instanceof Error);
});
