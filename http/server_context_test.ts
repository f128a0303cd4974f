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
});

Deno.test("targetUrl() names where the client connected to when it sent no Host", () => {
  assertEquals(urlOf({ host: null }), "http://127.0.0.1:1/");
  assertEquals(urlOf({ host: "" }), "http://127.0.0.1:1/");
});

Deno.test("targetUrl() gives a URL for the forms of OPTIONS and CONNECT", () => {
  assertEquals(urlOf({ form: "asterisk", target: "*" }), "http://example.com/*");
  assertEquals(urlOf({ form: "authority", target: "a.example:443" }), "http://a.example:443/");
});
