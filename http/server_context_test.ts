import { assertEquals } from "@std/assert";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { targetUrl } from "./server_context.ts";

function urlOf(parts: Partial<RequestHead>, secure = false): string {
  const [stream] = MemoryStream.pair();
  return targetUrl(
    {
      method: "GET",
      target: "/",
      form: "origin",
      minor: 1,
      fields: Fields.NONE,
      host: "example.com",
      framing: { kind: "none" },
      keepAlive: true,
      expectsContinue: false,
      upgrade: null,
      ...parts,
    },
    secure,
    stream,
  );
}

Deno.test("targetUrl() joins scheme, Host and target when the target has the origin form", () => {
  assertEquals(urlOf({ target: "/a?b" }), "http://example.com/a?b");
  assertEquals(urlOf({ target: "/", host: "[::1]:8443" }, true), "https://[::1]:8443/");
});

Deno.test("targetUrl() takes the target itself when it has the absolute form", () => {
  const target = "http://other.example/x";
  assertEquals(urlOf({ form: "absolute", target }), target);
  assertEquals(urlOf({ form: "absolute", target: "HTTP://A.B:80?c" }), "http://a.b/?c");
});

Deno.test("targetUrl() writes what new URL() writes", () => {
  const targets = ["/", "//a/b", "/a/../b?c=/../d", "/.a", "/a/%2E%2e/b", "/?'a'", "/'", "/[a]"];
  const odd = ["/?a=^`{|}\\", "/%zz%?%", "/a;b,c=d@e:f", "/%27?%2e", "/a//../b", "/..?.", "/?"];
  for (const target of [...targets, ...odd]) {
    const { href } = new URL(`http://example.com${target}`);
    assertEquals(urlOf({ target }), href);
  }
  for (const host of ["A.Example:80", "a.b:", "a.b:00080", "1.2.3", "0x7f.1", "a%41.b", "A."]) {
    for (const secure of [false, true]) {
      const { href } = new URL(`http${secure ? "s" : ""}://${host}/x`);
      assertEquals(urlOf({ host, target: "/x" }, secure), href);
      assertEquals(urlOf({ host, target: "/x" }, !secure).slice(0, 5), secure ? "http:" : "https");
    }
  }
});

Deno.test("targetUrl() names where the client connected to when URLs know no such host", () => {
  for (const host of ["a%20b", "[v1.a]", "999.1.1.1"]) {
    assertEquals(urlOf({ host, target: "/x?y" }), "http://127.0.0.1:1/x?y");
    const target = `http://${host}?y`;
    assertEquals(urlOf({ form: "absolute", target }), "http://127.0.0.1:1/?y");
    assertEquals(urlOf({ form: "authority", target: `${host}:443` }), "http://127.0.0.1:1/");
  }
});

Deno.test("targetUrl() names where the client connected to when it sent no Host", () => {
  assertEquals(urlOf({ host: null }), "http://127.0.0.1:1/");
  assertEquals(urlOf({ host: "" }), "http://127.0.0.1:1/");
});

Deno.test("targetUrl() gives a URL for the forms of OPTIONS and CONNECT", () => {
  assertEquals(urlOf({ form: "asterisk", target: "*" }), "http://example.com/");
  assertEquals(urlOf({ form: "authority", target: "a.example:443" }), "http://a.example:443/");
});
