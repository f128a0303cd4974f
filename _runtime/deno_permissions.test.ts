import { assertEquals } from "@std/assert";
import { everyAddress, mayReach } from "./deno_permissions.ts";

Deno.test("mayReach() and everyAddress() tell what is permitted", () => {
  assertEquals(mayReach("a.test"), true);
  assertEquals(mayReach("[::1]:80"), true);
  assertEquals(everyAddress(80), ["::", "0.0.0.0"]);
});

Deno.test({
  name: "mayReach() and everyAddress() take a host and a port into account",
  permissions: { net: ["a.test", "0.0.0.0:80"] },
  fn() {
    const hosts = ["a.test", "a.test:9", "0.0.0.0:80", "0.0.0.0:81", "b.test"];
    assertEquals(hosts.map(mayReach), [true, true, true, false, false]);
    assertEquals(everyAddress(80), ["0.0.0.0"]);
  },
});

Deno.test({
  name: "everyAddress() gives all when none is permitted",
  permissions: { net: false },
  fn: () => assertEquals(everyAddress(80), ["::", "0.0.0.0"]),
});
