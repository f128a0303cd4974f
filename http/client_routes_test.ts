import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { sharedTimers } from "../_runtime/clock.ts";
import { clientSettings, type HttpClientOptions } from "./client_options.ts";
import { PLAIN_GET, Routes } from "./client_routes.ts";
import { Pools } from "./pools.ts";

function make(options: HttpClientOptions = {}): Routes {
  const settings = clientSettings(options);
  return new Routes(options, settings, new Pools(settings, sharedTimers));
}

/** The first line and Host of a plain GET, and the name of the pool. */
function plain(routes: Routes, url: string): string[] {
  const { message, pool } = routes.route(PLAIN_GET, routes.target(url), true);
  const text = new TextDecoder().decode(message.head as Uint8Array);
  return [...text.split("\r\n").slice(0, 2), pool.key];
}

Deno.test("Routes lead to one pool for each origin", () => {
  const routes = make();
  assertEquals(plain(routes, "http://h/a?b#c"), ["GET /a?b HTTP/1.1", "host: h", "http://h"]);
  assertEquals(plain(routes, "HTTP://H:80/../x y"), ["GET /x%20y HTTP/1.1", "host: h", "http://h"]);
  assertEquals(plain(routes, "https://h:444"), ["GET / HTTP/1.1", "host: h:444", "https://h:444"]);
  assertThrows(() => routes.target("mailto:a@b"), TypeError);
});

Deno.test("Routes remember the message of a URL that comes again", () => {
  const routes = make();
  const again = () => routes.route(PLAIN_GET, routes.target("http://h/a"), true).message;
  again();
  assertStrictEquals(again(), again());
});

Deno.test("Routes make another message when the caller says more", () => {
  const routes = make();
  const target = routes.target("http://user:pass@h/a");
  const { message } = routes.route(PLAIN_GET, target, true);
  assertEquals(String(message.head).includes("authorization: Basic dXNlcjpwYXNz"), true);
  const plan = { ...PLAIN_GET, fields: ["a", "b"] };
  const own = routes.route(plan, routes.target("http://h/a"), false).message;
  assertEquals(String(own.head).includes("a: b"), true);
  assertEquals(String(own.head).includes("accept-encoding"), false);
});

Deno.test("Routes go through the proxy when there is one", () => {
  const routes = make({ proxy: "http://p:1" });
  assertEquals(plain(routes, "http://h/a"), [
    "GET http://h/a HTTP/1.1",
    "host: h",
    "proxy http://p:1",
  ]);
  assertEquals(plain(routes, "https://h/a"), ["GET /a HTTP/1.1", "host: h", "https://h"]);
});
