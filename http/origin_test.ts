import { assertEquals, assertThrows } from "@std/assert";
import { basicCredentials, originOf, parseUrl, splitPlain, targetOf } from "./origin.ts";

const known = (origin: string) => origin === "http://h:8080" || origin === "https://s.test";

const PLAIN = [
  "http://h:8080/",
  "http://h:8080/a/b.c?d=e&f=%20/..",
  "https://s.test/x;y=1,2/:@",
  "http://h:8080/a..b/c.",
];

for (const text of PLAIN) {
  Deno.test(`splitPlain() agrees with the parser when the URL is ${text}`, () => {
    assertEquals(splitPlain(text, known), targetOf(new URL(text)));
  });
}

const NOT_PLAIN = [
  "http://h:8080",
  "http://h:8080?x",
  "http://h:8080/a/../b",
  "http://h:8080/./b",
  "http://h:8080/%2E%2e/b",
  "http://h:8080/a b",
  "http://h:8080/é",
  "http://h:8080/a#b",
  "http://h:8080/a\\b",
  "http://h:8080/a\nb",
  "http://h:8080/'",
  "http://h:8080/a?'",
  "http://other/",
  "HTTP://h:8080/",
  " http://h:8080/",
  "ftp://h:8080/",
];

for (const text of NOT_PLAIN) {
  Deno.test(`splitPlain() leaves ${JSON.stringify(text)} to the parser`, () => {
    assertEquals(splitPlain(text, known), null);
  });
}

Deno.test("parseUrl() throws when it is no URL of ours", () => {
  for (const text of ["", "/path", "ftp://h/", "http://", "http://h:99999/", "file:///x"]) {
    assertThrows(() => parseUrl(text), TypeError);
  }
  assertEquals(parseUrl("/b?c", "http://h/a").href, "http://h/b?c");
});

Deno.test("targetOf() takes fragment, user and password out", () => {
  assertEquals(targetOf(new URL("http://us%3Aer:p%C3%A4ss@h/a?b#c")), {
    origin: "http://h",
    path: "/a?b",
    href: "http://h/a?b",
    hash: "#c",
    authorization: basicCredentials("us:er", "päss"),
    plain: null,
  });
});

Deno.test("basicCredentials() encodes UTF-8", () => {
  assertEquals(basicCredentials("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assertEquals(basicCredentials("test", "123£"), "Basic dGVzdDoxMjPCow==");
});

Deno.test("originOf() knows the usual ports", () => {
  assertEquals(originOf(new URL("http://h/")), {
    name: "http://h",
    secure: false,
    hostname: "h",
    port: 80,
    host: "h",
  });
  assertEquals(originOf(new URL("https://[::1]:8443/")), {
    name: "https://[::1]:8443",
    secure: true,
    hostname: "::1",
    port: 8443,
    host: "[::1]:8443",
  });
});
