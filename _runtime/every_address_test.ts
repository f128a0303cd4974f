import { assertEquals, assertRejects } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { bindFirst, EVERY_ADDRESS } from "./every_address.ts";
import { systemError } from "./map_error.ts";

Deno.test("bindFirst() goes on to IPv4 where there is no IPv6, and for nothing else", async () => {
  const tried: string[] = [];
  const bind = (code: "EADDRNOTAVAIL" | "EADDRINUSE") => (host: string) => {
    tried.push(host);
    if (host === "0.0.0.0") return Promise.resolve(host);
    return Promise.reject(systemError(code, { syscall: "bind", address: host }));
  };
  assertEquals(await bindFirst(EVERY_ADDRESS, bind("EADDRNOTAVAIL")), "0.0.0.0");
  assertEquals(tried, ["::", "0.0.0.0"]);
  const failing = () => bindFirst(EVERY_ADDRESS, bind("EADDRINUSE"));
  assertEquals((await assertRejects(failing, NetError)).address, "::");
  assertEquals(tried, ["::", "0.0.0.0", "::"]);
});

Deno.test("bindFirst() fails with what the last address failed with", async () => {
  const failing = () =>
    bindFirst(EVERY_ADDRESS, (host) => {
      throw systemError("EADDRNOTAVAIL", { syscall: "bind", address: host });
    });
  assertEquals((await assertRejects(failing, NetError)).address, "0.0.0.0");
});
