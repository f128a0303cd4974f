import { assertEquals, assertThrows } from "@std/assert";
import { readContent } from "./client_body.ts";
import {
  flatFields,
  isIdempotent,
  messageOf,
  plainTail,
  readMethod,
  type RequestPlan,
  withDefaults,
} from "./client_request.ts";

const PLACE = { target: "/a", host: "h:1", authorization: null, proxyAuthorization: null };
const HABITS = { decompress: false, keepAlive: true };
const USUAL = { accept: "x", "user-agent": "y" };

const textOf = (head: string | Uint8Array) =>
  typeof head === "string" ? head : String.fromCharCode(...head);

function head(parts: Partial<RequestPlan>, place = {}, habits = {}): string[] {
  const plan = {
    method: "GET",
    fields: [],
    content: null,
    expectContinue: false,
    upgrade: null,
    ...parts,
  };
  const message = messageOf(plan, { ...PLACE, ...place }, { ...HABITS, ...habits });
  return textOf(message.head).split("\r\n").slice(1, -2)
    .filter((line) => line !== "accept: x" && line !== "user-agent: y");
}

function linesOf(fields: Record<string, string>, parts: Partial<RequestPlan> = {}): string[] {
  return head({ ...parts, fields: flatFields({ ...USUAL, ...fields }) });
}

Deno.test("messageOf() writes the usual lines when the caller says nothing", () => {
  assertEquals(head({}, {}, { decompress: true }), [
    "host: h:1",
    "accept: */*",
    "accept-encoding: gzip, deflate, br",
    "user-agent: netstd",
  ]);
  assertEquals(head({}, {}, { keepAlive: false }).at(-1), "connection: close");
});

const LINES: [string, Record<string, string>, string[]][] = [
  ["a Host", { Host: "other" }, ["host: other"]],
  ["own fields", { "X-A": "1", b: "é" }, ["host: h:1", "X-A: 1", "b: é"]],
  ["Connection: close", { Connection: "close" }, ["host: h:1", "connection: close"]],
  ["Connection: keep-alive", { connection: "keep-alive" }, ["host: h:1"]],
  ["options of Connection", { connection: "TE, close", te: "trailers" }, [
    "host: h:1",
    "te: trailers",
    "connection: TE, close",
  ]],
  ["a Content-Length of 0", { "content-length": "0" }, ["host: h:1", "content-length: 0"]],
];

for (const [what, fields, lines] of LINES) {
  Deno.test(`messageOf() heeds ${what} when the caller has it`, () => {
    assertEquals(linesOf(fields), lines);
  });
}

Deno.test("messageOf() asks for no codings when a range is asked for", () => {
  const fields = flatFields({ ...USUAL, range: "bytes=0-1" });
  assertEquals(head({ fields }, {}, { decompress: true }).at(-1), "accept-encoding: identity");
});

Deno.test("messageOf() gives credentials of the place when the caller has none", () => {
  const place = { authorization: "Basic a", proxyAuthorization: "Basic b" };
  assertEquals(head({ fields: flatFields(USUAL) }, place), [
    "host: h:1",
    "authorization: Basic a",
    "proxy-authorization: Basic b",
  ]);
  const fields = flatFields({ ...USUAL, Authorization: "own" });
  assertEquals(head({ fields }, place)[1], "Authorization: own");
});

Deno.test("messageOf() frames content by its length, or by chunks", () => {
  const none = { method: "POST" };
  assertEquals(linesOf({}, none), ["host: h:1", "content-length: 0"]);
  const known = { method: "PUT", content: readContent(new Uint8Array(3)) };
  assertEquals(linesOf({}, known), ["host: h:1", "content-length: 3"]);
  assertEquals(linesOf({ "transfer-encoding": "chunked" }, known), [
    "host: h:1",
    "content-length: 3",
  ]);
  const stream = { method: "PUT", content: readContent([]) };
  assertEquals(linesOf({}, stream), ["host: h:1", "transfer-encoding: chunked"]);
  assertEquals(linesOf({ "Content-Length": "5" }, stream), ["host: h:1", "content-length: 5"]);
  const text = { method: "PUT", content: readContent("x"), expectContinue: true };
  assertEquals(linesOf({ "content-type": "t" }, text), [
    "host: h:1",
    "content-type: t",
    "content-length: 1",
    "expect: 100-continue",
  ]);
});

Deno.test("messageOf() asks for an upgrade when that is the plan", () => {
  const fields = { connection: "upgrade", "sec-x": "1" };
  assertEquals(linesOf(fields, { upgrade: "websocket" }), [
    "host: h:1",
    "sec-x: 1",
    "connection: upgrade",
    "upgrade: websocket",
  ]);
});

Deno.test("plainTail() is what follows the target of a plain GET", () => {
  assertEquals(
    plainTail(PLACE, HABITS),
    " HTTP/1.1\r\nhost: h:1\r\naccept: */*\r\nuser-agent: netstd\r\n\r\n",
  );
});

Deno.test("flatFields() takes headers in every form", () => {
  const flat = ["a", "1", "b", "2"];
  assertEquals(flatFields({ a: "1", b: "2" }), flat);
  assertEquals(flatFields([["a", "1"], ["b", "2"]]), flat);
  assertEquals(flatFields(new Headers({ a: "1", b: "2" })), flat);
  assertEquals(flatFields(new Map([["a", "1"], ["b", "2"]])), flat);
  assertEquals(flatFields({ a: ["1", "2"], b: undefined }), ["a", "1", "a", "2"]);
  assertEquals(flatFields(undefined), []);
  for (const odd of ["text", 5, [["a"]], ["ab"], [null]]) {
    assertThrows(() => flatFields(odd as never), TypeError);
  }
});

Deno.test("withDefaults() adds what the call lacks", () => {
  assertEquals(withDefaults(["A", "1"], ["a", "2", "b", "3"]), ["A", "1", "b", "3"]);
});

Deno.test("readMethod() writes known methods large, and refuses three", () => {
  assertEquals(["get", "Post", "PATCH", "patch", "x-own"].map(readMethod), [
    "GET",
    "POST",
    "PATCH",
    "patch",
    "x-own",
  ]);
  assertEquals(readMethod(undefined), "GET");
  for (const method of ["connect", "TRACE", "Track"]) {
    assertThrows(() => readMethod(method), TypeError);
  }
});

Deno.test("isIdempotent() holds for six methods", () => {
  const methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "POST", "PATCH", "get"];
  assertEquals(methods.map(isIdempotent), [
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
