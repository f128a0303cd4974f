import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { IN_BUN } from "../_testing/in_bun.ts";
import { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { IncomingBody } from "./incoming_body.ts";
import { slotOf } from "./native_slots.ts";
import {
  abortRequest,
  assumeLight,
  contextOf,
  makeRequest,
  nativeRequest,
  partsOfRequest,
} from "./request.ts";

const LINES = ["Host", "a.test", "Content-Type", "application/json", "X-A", "1", "x-a", "2"];
/** Whether the runtime takes light requests for its own (not in Node 22 and later). */
const light = slotOf(new Request("http://a.test/"), "state") !== undefined ||
  slotOf(new Request("http://a.test/"), "request") !== undefined;

interface Options {
  method?: string;
  lines?: string[];
  url?: string;
  /** The content; null for none. */
  text?: string | null;
  context?: unknown;
}

function setup(options: Options = {}) {
  const { method = "POST", lines = LINES, url = "http://a.test/b?c=1", context = null } = options;
  const { text = '{"a":1}' } = options;
  const body = text === null ? null : new IncomingBody({
    pull() {},
    pause() {},
    cancel() {},
  }, text.length);
  body?.push(new TextEncoder().encode(text!));
  body?.end(null);
  let urls = 0;
  const head = { method, fields: Fields.of(lines) } as unknown as RequestHead;
  const makeUrl = () => {
    urls++;
    return url;
  };
  const request = makeRequest({ head, url: makeUrl, body, context });
  return { request, body, urls: () => urls };
}

/** Not all declarations of the platform's Request have it. */
const bytesOf = (request: Request) =>
  (request as unknown as { bytes(): Promise<Uint8Array> }).bytes();

const codeOf = (error: unknown) => (error as { code?: string }).code;

Deno.test("makeRequest() gives the platform's request when it is looked at", () => {
  const { request } = setup();
  assert(request instanceof Request);
  assertStrictEquals(request.constructor, Request);
  assertEquals(Object.prototype.toString.call(request), "[object Request]");
  assertEquals([request.method, request.url], ["POST", "http://a.test/b?c=1"]);
  assertEquals(request.headers.get("x-A"), "1, 2");
  assert(request.headers instanceof Headers);
  assertStrictEquals(request.headers, request.headers);
  assertStrictEquals(request.body, request.body);
  assert(inspect(request).includes("a.test/b"));
});

Deno.test("makeRequest() has the platform's defaults when they are asked for", () => {
  const { request } = setup();
  const platform = new Request("http://a.test/b?c=1", { method: "POST" });
  const standard = {
    destination: "",
    integrity: "",
    keepalive: false,
    mode: "cors",
    redirect: "follow",
    referrer: "about:client",
    referrerPolicy: "",
    cache: "default",
    credentials: "same-origin",
  } as const;
  for (const name of Object.keys(standard) as (keyof typeof standard)[]) {
    assertEquals(request[name], standard[name], name);
    // Not every runtime has all, and Bun has others.
    if (platform[name] !== undefined && !IN_BUN) assertEquals(request[name], platform[name], name);
  }
  const { duplex, isHistoryNavigation, isReloadNavigation } = request as unknown as Record<
    string,
    unknown
  >;
  assertEquals([duplex, isHistoryNavigation, isReloadNavigation], ["half", false, false]);
});

Deno.test("makeRequest() makes the URL once, when it is asked for", () => {
  if (!light) return;
  const { request, urls } = setup();
  assertEquals(urls(), 0);
  assertEquals(request.url + request.url, "http://a.test/b?c=1".repeat(2));
  assertEquals(urls(), 1);
});

const READS: [string, (request: Request) => Promise<unknown>, unknown][] = [
  ["text()", (request) => request.text(), '{"a":1}'],
  ["json()", (request) => request.json(), { a: 1 }],
  ["bytes()", async (request) => new TextDecoder().decode(await bytesOf(request)), '{"a":1}'],
  ["arrayBuffer()", async (request) => (await request.arrayBuffer()).byteLength, 7],
  ["blob()", async (request) => {
    const blob = await request.blob();
    return [await blob.text(), blob.type];
  }, ['{"a":1}', new Blob([], { type: "application/json" }).type]],
  ["body", async (request) => {
    let text = "";
    for await (const chunk of request.body!) text += new TextDecoder().decode(chunk);
    return text;
  }, '{"a":1}'],
];

for (const [name, read, expected] of READS) {
  Deno.test(`Request ${name} gives the content once when it is read`, async () => {
    const { request } = setup();
    assertEquals(request.bodyUsed, false);
    assertEquals(await read(request), expected);
    assertEquals(request.bodyUsed, true);
    await assertRejects(() => request.text(), TypeError);
    await assertRejects(() => request.formData(), TypeError);
    assertThrows(() => request.clone(), TypeError);
  });

  Deno.test(`Request ${name} gives the content in a copy when it is cloned`, async () => {
    const { request } = setup();
    const copy = request.clone();
    assertEquals(await read(copy), expected);
    assertEquals(await read(request), expected);
    assertEquals([copy.method, copy.url], ["POST", "http://a.test/b?c=1"]);
    assertEquals(copy.headers.get("x-a"), "1, 2");
  });
}

Deno.test("Request reads nothing when there is no content", async () => {
  const make = () => setup({ method: "GET", text: null }).request;
  assertEquals([make().body, make().bodyUsed], [null, false]);
  assertEquals(await make().text(), "");
  assertEquals((await bytesOf(make())).length, 0);
  assertEquals((await make().arrayBuffer()).byteLength, 0);
  await assertRejects(() => make().json(), SyntaxError);
  assertEquals(await make().clone().text(), "");
});

Deno.test("Request formData() reads both kinds of forms", async () => {
  const type = "application/x-www-form-urlencoded";
  const plain = setup({ lines: ["content-type", type], text: "a=1&b=%20" }).request;
  assertEquals([...await plain.formData()], [["a", "1"], ["b", " "]]);
  const text = '--B\r\nContent-Disposition: form-data; name="a"; filename="f.txt"\r\n' +
    "Content-Type: text/plain\r\n\r\nabc\r\n--B--\r\n";
  const lines = ["content-type", "multipart/form-data; boundary=B"];
  const file = (await setup({ lines, text }).request.formData()).get("a") as File;
  assertEquals([file.name, await file.text()], ["f.txt", "abc"]);
});

Deno.test("Request textStream() gives text", async () => {
  const { request } = setup();
  const { textStream } = request as unknown as { textStream?(): ReadableStream<string> };
  if (textStream === undefined) return;
  let text = "";
  for await (const chunk of textStream.call(request)) text += chunk;
  assertEquals(text, '{"a":1}');
});

Deno.test("new Request() takes a request of the server for the platform's", async () => {
  const { request } = setup();
  const copy = new Request(request, { headers: { "x-b": "1" } });
  assertEquals([copy.method, copy.url, [...copy.headers]], [
    "POST",
    "http://a.test/b?c=1",
    [["x-b", "1"]],
  ]);
  assertEquals(await copy.json(), { a: 1 });
  assertEquals(request.bodyUsed, true);
  const other = new Request("http://b.test/", setup().request);
  assertEquals([other.method, other.headers.get("x-a")], ["POST", "1, 2"]);
  assertEquals(await other.json(), { a: 1 });
  const get = new Request(setup({ method: "GET", text: null }).request);
  assertEquals([get.method, get.headers.get("host")], ["GET", "a.test"]);
});

Deno.test("the platform's functions take a request of the server", async () => {
  const { request } = setup({ method: "GET", url: "data:,yes", text: null });
  assertEquals(await (await fetch(request)).text(), "yes");
  assertEquals(await Request.prototype.text.call(setup().request), '{"a":1}');
  assertEquals(await new Response(setup().request.body).json(), { a: 1 });
  assertEquals(new Headers(setup().request.headers).get("x-a"), "1, 2");
});

Deno.test("Request is used up for the platform, too, when it was read", async () => {
  const { request } = setup();
  await request.text();
  assertThrows(() => new Request(request), TypeError);
  const { request: other } = setup();
  const native = nativeRequest(other);
  assert(native instanceof Request);
  assertStrictEquals(nativeRequest(other), native);
  assertEquals(await other.json(), { a: 1 });
  assertEquals([native.bodyUsed, other.bodyUsed], [true, true]);
  assertEquals(nativeRequest("http://a.test/"), "http://a.test/");
  assertEquals(nativeRequest(null), null);
});

Deno.test("abortRequest() aborts the signal when somebody asked for it, or asks later", () => {
  const reason = new Error("gone");
  const early = setup().request;
  let told: unknown;
  early.signal.addEventListener("abort", () => told = early.signal.reason);
  assertEquals(early.signal.aborted, false);
  abortRequest(early, reason);
  assertStrictEquals(told, reason);
  const late = setup().request;
  abortRequest(late, reason);
  assertStrictEquals(late.signal.reason, reason);
  abortRequest(new Request("http://a.test/"), reason);
});

Deno.test("the platform's copy of a request aborts with it", () => {
  const { request } = setup();
  const copy = new Request(request);
  abortRequest(request, new Error("gone"));
  assertEquals(copy.signal.aborted, true);
});

for (const method of ["CONNECT", "TRACE", "get", "PROPFIND"]) {
  Deno.test(`makeRequest() keeps the method when it is ${method}`, () => {
    const { request } = setup({ method, text: null });
    assert(request instanceof Request);
    assertEquals(request.method, method);
    if (light || method === "TRACE") assertEquals(request.clone().method, method);
  });
}

Deno.test("makeRequest() leaves the content of a GET aside when the platform needs it", async () => {
  const { request } = setup({ method: "GET" });
  assertEquals(await request.clone().text(), "");
});

Deno.test("contextOf() and partsOfRequest() find what the server gave", () => {
  const context = {};
  const { request, body } = setup({ context });
  assertStrictEquals(contextOf(request), context);
  assertStrictEquals(partsOfRequest(request)?.body, body);
  assertEquals(contextOf(new Request("http://a.test/")), undefined);
  const error = assertThrows(() => contextOf(null as unknown as Request), TypeError);
  assertEquals(codeOf(error), "ERR_INVALID_ARG_TYPE");
});

Deno.test("assumeLight() has requests be light whatever the runtime takes", async () => {
  assumeLight(true);
  try {
    const { request, urls } = setup();
    assertEquals(urls(), 0);
    assertEquals(await request.json(), { a: 1 });
  } finally {
    assumeLight(false);
  }
});
