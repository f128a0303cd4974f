import { assertEquals, assertThrows } from "@std/assert";
import { wireHost } from "./host_name.ts";

Deno.test("wireHost() gives names in small letters of ASCII, without the last dot", () => {
  for (
    const [given, wire] of [
      ["Example.COM.", "example.com"],
      ["Müller.test", "xn--mller-kva.test"],
      ["*.müller.test", "*.xn--mller-kva.test"],
      ["a_b.test", "a_b.test"],
    ]
  ) {
    assertEquals(wireHost(given), wire);
  }
});

Deno.test("wireHost() leaves addresses as they are, without brackets", () => {
  assertEquals(["127.0.0.1", "[::1]"].map(wireHost), ["127.0.0.1", "::1"]);
});

Deno.test("wireHost() throws for what can be no name", () => {
  for (const odd of ["", "a b", "a/b", "xn--ü.test", 5, null]) {
    assertThrows(() => wireHost(odd), TypeError, "Cannot use the host name");
  }
});
