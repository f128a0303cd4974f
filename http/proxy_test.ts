import { assertEquals, assertThrows } from "@std/assert";
import { basicCredentials, originOf } from "./origin.ts";
import { fromEnvironment, readProxy } from "./proxy.ts";

const origin = (url: string) => originOf(new URL(url));

Deno.test("readProxy() gives one proxy for all when it is named", () => {
  const named = readProxy("http://user:secret@proxy:3128")(origin("https://h/"))!;
  assertEquals(named.origin.host, "proxy:3128");
  assertEquals(named.authorization, basicCredentials("user", "secret"));
  const parts = readProxy({ url: "proxy:8080", authorization: "Bearer x" })(origin("http://h/"))!;
  assertEquals([parts.origin.name, parts.authorization], ["http://proxy:8080", "Bearer x"]);
  assertEquals(readProxy(undefined)(origin("http://h/")), null);
});

Deno.test("readProxy() throws when the proxy can be none", () => {
  assertThrows(() => readProxy({ url: "http://p", authorization: "a\r\nb: c" }), TypeError);
  for (const text of ["", "socks5://h:1", "http://"]) {
    assertThrows(() => readProxy(text), TypeError);
  }
});

function choose(variables: Record<string, string>, url: string): string | null {
  return fromEnvironment((name) => variables[name])(origin(url))?.origin.host ?? null;
}

const CASES: [Record<string, string>, string, string | null][] = [
  [{}, "http://h/", null],
  [{ HTTP_PROXY: "http://p:1" }, "http://h/", "p:1"],
  [{ http_proxy: "p:1" }, "http://h/", "p:1"],
  [{ HTTP_PROXY: "http://p:1" }, "https://h/", null],
  [{ HTTPS_PROXY: "http://p:2" }, "https://h/", "p:2"],
  [{ https_proxy: "http://p:2", HTTPS_PROXY: "http://p:3" }, "https://h/", "p:2"],
  [{ ALL_PROXY: "http://p:4" }, "https://h/", "p:4"],
  [{ HTTP_PROXY: "http://p:1", REQUEST_METHOD: "GET" }, "http://h/", null],
  [{ http_proxy: "http://p:1", REQUEST_METHOD: "GET" }, "http://h/", "p:1"],
  [{ http_proxy: "http://p:1", NO_PROXY: "*" }, "http://h/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "a, example.com" }, "http://example.com/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "example.com" }, "http://www.example.com/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: ".example.com" }, "http://www.example.com/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "example.com" }, "http://notexample.com/", "p:1"],
  [{ http_proxy: "http://p:1", NO_PROXY: "h:8080" }, "http://h:8080/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "h:8080" }, "http://h/", "p:1"],
  [{ http_proxy: "http://p:1", NO_PROXY: "127.0.0.1,::1" }, "http://[::1]:9/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://10.1.2.3/", null],
  [{ http_proxy: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://11.1.2.3/", "p:1"],
];

for (const [variables, url, host] of CASES) {
  Deno.test(`fromEnvironment() gives ${host} for ${url} when ${JSON.stringify(variables)}`, () => {
    assertEquals(choose(variables, url), host);
  });
}
