import { assertEquals } from "@std/assert";
import { hasToken, isToken, readExtensions, readTokens } from "./grammar.ts";

Deno.test("isToken() takes what RFC 9110 calls a token", () => {
  assertEquals(["chat", "a!#$%&'*+-.^_`|~9"].every(isToken), true);
  for (const other of ["", " ", "a b", "a,b", 'a"', "é", "a\n", "(a)"]) {
    assertEquals(isToken(other), false, other);
  }
});

Deno.test("readTokens() gives the tokens of a list, or null", () => {
  assertEquals(readTokens("chat , super-chat,,\tx"), ["chat", "super-chat", "x"]);
  assertEquals(readTokens(""), []);
  assertEquals(readTokens("a b"), null);
  assertEquals(readTokens("a;q=1"), null);
});

Deno.test("hasToken() compares without regard to case", () => {
  assertEquals(hasToken("keep-alive, Upgrade", "upgrade"), true);
  assertEquals(hasToken("upgraded", "upgrade"), false);
  assertEquals(hasToken(null, "upgrade"), false);
});

Deno.test("readExtensions() reads the examples of section 9.1 and quoted values", () => {
  assertEquals(readExtensions("foo, bar; baz=2"), [
    { name: "foo", params: [] },
    { name: "bar", params: [["baz", "2"]] },
  ]);
  assertEquals(readExtensions(' Foo ; A="1\\0" ;b,, bar;baz'), [
    { name: "foo", params: [["a", "10"], ["b", true]] },
    { name: "bar", params: [["baz", true]] },
  ]);
});

Deno.test("readExtensions() gives null for what does not conform", () => {
  for (
    const field of [
      "",
      ",",
      ";a",
      "a b",
      "a;",
      "a;;b",
      "a;b=",
      'a;b="',
      'a;b=""',
      'a;b="1 2"',
      'a;b="1"2',
      "a;b=1=2",
      "a;b c",
      "a=1",
      "a/b",
      "a;\u0000",
    ]
  ) {
    assertEquals(readExtensions(field), null, field);
  }
});
