import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import { always, response, type Script, scriptedServer } from "../_testing/scripted_server.ts";
import { HttpClient } from "./client.ts";
import type { HttpClientOptions } from "./client_options.ts";
import type { FetchOptions } from "./client.ts";

/** A server with a script, and a client, for the time of a test. */
async function withServer(
  script: Script,
  test: (client: HttpClient, url: string, server: { accepted: number }) => Promise<void>,
  options: HttpClientOptions = {},
): Promise<void> {
  await using server = await scriptedServer(script);
  await using client = new HttpClient(options);
  await test(client, server.url, server);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("fetch() gives status, headers, URL and content when the server answers", () =>
  withServer(async (connection) => {
    assertEquals((await connection.head()).split("\r\n"), [
      "GET /a/b?c=d HTTP/1.1",
      "host: 127.0.0.1:" + new URL(url).port,
      "accept: */*",
      "accept-encoding: gzip, deflate, br",
      "user-agent: netstd",
    ]);
    await connection.write(response("hello", "X-One: 1\r\nx-one: 2\r\n", "201 Made Here"));
  }, async (client, at) => {
    url = at;
    const answer = await client.fetch(`${at}/a/b?c=d#fragment`);
    assertEquals([answer.status, answer.statusText, answer.ok], [201, "Made Here", true]);
    assertEquals([answer.url, answer.redirected], [`${at}/a/b?c=d`, false]);
    assertEquals(answer.headers.get("x-one"), "1, 2");
    assertEquals(await answer.text(), "hello");
    assert(answer instanceof Response);
  }));
let url = "";

Deno.test("fetch() uses a connection again when the response is complete", () =>
  withServer(always(response("x")), async (client, url, server) => {
    for (let i = 0; i < 5; i++) await (await client.fetch(url)).text();
    assertEquals(server.accepted, 1);
    const { requests, reused, open, idle, running, queued, retries } = client.stats;
    assertEquals([requests, reused, open, idle, running, queued, retries], [5, 4, 1, 1, 0, 0, 0]);
  }));

Deno.test("fetch() opens another connection when the last response said close", () =>
  withServer(
    always(response("x", "Connection: close\r\n")),
    async (client, url, server) => {
      for (let i = 0; i < 3; i++) await (await client.fetch(url)).text();
      assertEquals(server.accepted, 3);
    },
  ));

Deno.test("fetch() drops a connection when bytes follow the response", () =>
  withServer(
    always(`${response("x")}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
    async (client, url, server) => {
      assertEquals(await (await client.fetch(url)).text(), "x");
      assertEquals(await (await client.fetch(url)).text(), "x");
      assertEquals(server.accepted, 2);
    },
  ));

Deno.test("fetch() drops an idle connection when bytes come on it", () => {
  let send = () => {};
  let gone: Promise<void> = Promise.resolve();
  return withServer(async (connection) => {
    send = () => void connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    gone = connection.ended;
    await always(response("good"))(connection);
  }, async (client, url, server) => {
    await (await client.fetch(url)).text();
    send();
    await gone;
    assertEquals(client.stats.open, 0);
    assertEquals(await (await client.fetch(url)).text(), "good");
    assertEquals(server.accepted, 2);
  });
});

const BODIES: [string, FetchOptions["body"], string, string][] = [
  [
    "a string",
    "Zoë",
    "content-type: text/plain;charset=UTF-8\r\ncontent-length: 4",
    "Zo\u00c3\u00ab",
  ],
  ["bytes", new Uint8Array([65, 66]), "content-length: 2", "AB"],
  ["an ArrayBuffer", new Uint8Array([65, 66]).buffer, "content-length: 2", "AB"],
  ["a view", new DataView(new Uint8Array([64, 65, 66]).buffer, 1), "content-length: 2", "AB"],
  [
    "URLSearchParams",
    new URLSearchParams({ a: "b c" }),
    "content-type: application/x-www-form-urlencoded;charset=UTF-8\r\ncontent-length: 5",
    "a=b+c",
  ],
  [
    "a Blob",
    new Blob(["blob"], { type: "text/x" }),
    "content-type: text/x\r\ncontent-length: 4",
    "blob",
  ],
  ["an empty string", "", "content-type: text/plain;charset=UTF-8\r\ncontent-length: 0", ""],
  ["nothing", null, "content-length: 0", ""],
];

for (const [name, body, lines, content] of BODIES) {
  Deno.test(`fetch() sends ${name} when it is the body`, () => {
    let head = "";
    return withServer(async (connection) => {
      head = await connection.head();
      assertEquals(await connection.bytes(content.length), content);
      await connection.write(response("done"));
    }, async (client, url) => {
      const answer = await client.fetch(url, { method: "POST", body });
      assertEquals(await answer.text(), "done");
      assertEquals(head.slice(head.indexOf("netstd\r\n") + 8), lines);
    });
  });
}

async function* parts(): AsyncGenerator<Uint8Array | string> {
  yield "one";
  yield await Promise.resolve(new TextEncoder().encode("two"));
  yield "";
}

const STREAMS: [string, () => FetchOptions["body"]][] = [
  ["a stream", () => new Response("onetwo").body],
  ["an async iterable", parts],
  ["an iterable", () => ["one", new TextEncoder().encode("two")]],
];

for (const [name, body] of STREAMS) {
  Deno.test(`fetch() sends ${name} by chunks, or by its length when that is given`, () => {
    const heads: string[] = [];
    const contents: string[] = [];
    return withServer(async (connection) => {
      heads.push(await connection.head());
      contents.push((await connection.upTo("0\r\n\r\n")).replace(/[^\r]*\r\n([^\r]*)\r\n/g, "$1"));
      await connection.write(response(""));
      heads.push(await connection.head());
      contents.push(await connection.bytes(6));
      await connection.write(response(""));
    }, async (client, url) => {
      await client.fetch(url, { method: "PUT", body: body()!, duplex: "half" });
      await client.fetch(url, {
        method: "PUT",
        body: body()!,
        headers: { "Content-Length": "6" },
      });
      assertEquals(contents, ["onetwo", "onetwo"]);
      assert(heads[0]!.endsWith("transfer-encoding: chunked"));
      assert(heads[1]!.endsWith("content-length: 6"));
    });
  });
}

for (const [length, how] of [["5", "longer"], ["7", "shorter"]] as const) {
  Deno.test(`fetch() fails when streamed content is ${how} than its Content-Length`, () => {
    let gone: Promise<void> | undefined;
    return withServer(async (connection) => {
      await connection.head();
      gone = connection.ended;
      await gone;
    }, async (client, url) => {
      const body = new Response("onetwo").body!;
      const headers = { "content-length": length };
      assertEquals(
        await codeOf(client.fetch(url, { method: "POST", body, headers })),
        "ERR_HTTP_BODY_LENGTH",
      );
      await gone;
    });
  });
}

const TRAILERS: [string, FetchOptions, string][] = [
  ["a plain object", { trailers: { "x-sum": "7", "x-b": " c " } }, "trailer: x-sum, x-b"],
  ["Headers", { trailers: new Headers({ "x-sum": "7", "x-b": "c" }) }, "trailer: x-b, x-sum"],
  ["a function", {
    headers: { trailer: "x-own" },
    trailers: () => Promise.resolve([["x-sum", "7"], ["x-b", "c"]]),
  }, "trailer: x-own"],
];

for (const [name, init, line] of TRAILERS) {
  Deno.test(`fetch() sends trailer fields behind content in chunks when they are ${name}`, () => {
    const seen: string[] = [];
    return withServer(async (connection) => {
      seen.push(...(await connection.head()).toLowerCase().split("\r\n"));
      seen.push(await connection.upTo("\r\n\r\n"));
      await connection.write(response("ok"));
    }, async (client, url) => {
      await (await client.fetch(url, { ...init, method: "POST", body: "abc" })).text();
      assert(seen.includes(line) && seen.includes("transfer-encoding: chunked"), String(seen));
      const [content, ...fields] = seen.at(-1)!.split("\r\n0\r\n");
      assertEquals(content, "3\r\nabc");
      assertEquals(fields.join().split("\r\n").sort().join(" ").trim(), "x-b: c x-sum: 7");
    });
  });
}

const BAD_TRAILERS: [string, FetchOptions, string][] = [
  ["there is no content", { trailers: { "x-a": "1" } }, "ERR_INVALID_ARG_VALUE"],
  [
    "one of them frames the message",
    { body: "a", trailers: { "Content-Length": "1" } },
    "ERR_HTTP_INVALID_HEADER",
  ],
  [
    "one of them splits",
    { body: "a", trailers: { "x-a": "1\r\nb" } },
    "ERR_HTTP_INVALID_HEADER",
  ],
  [
    "a length is said as well",
    { body: "a", headers: { "content-length": "1" }, trailers: { "x-a": "1" } },
    "ERR_HTTP_INVALID_HEADER",
  ],
  [
    "their function gives what cannot be sent",
    { body: "a", trailers: () => ({ te: "x" }) },
    "ERR_HTTP_INVALID_HEADER",
  ],
];

for (const [why, init, code] of BAD_TRAILERS) {
  Deno.test(`fetch() refuses trailer fields when ${why}`, () =>
    withServer(async (connection) => {
      await connection.head();
      await connection.ended;
    }, async (client, url) => {
      assertEquals(await codeOf(client.fetch(url, { ...init, method: "POST" })), code);
    }));
}

Deno.test("fetch() fails with the body's own error when its stream fails", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.ended;
  }, async (client, url) => {
    // deno-lint-ignore require-yield -- it fails before
    const body = async function* () {
      await Promise.resolve();
      throw new RangeError("Cannot go on");
    };
    const failed = client.fetch(url, { method: "POST", body: body() as AsyncIterable<string> });
    await assertRejects(() => failed, RangeError);
  }));

const REFUSED: [string, FetchOptions, string][] = [
  ["a line break in a value", { headers: { a: "b\r\nc: d" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a line break at a value's end", { headers: { a: "b\n" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a zero in a value", { headers: { a: "b\0" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a letter above a byte", { headers: { a: "\u0100" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a name with a space", { headers: { "a b": "c" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a name with a colon", { headers: [["a:", "c"]] }, "ERR_HTTP_INVALID_HEADER"],
  ["an empty name", { headers: { "": "c" } }, "ERR_HTTP_INVALID_HEADER"],
  ["a method with a space", { method: "GET / HTTP/1.1\r\n" }, "ERR_HTTP_INVALID_METHOD"],
  ["an empty method", { method: "" }, "ERR_HTTP_INVALID_METHOD"],
  ["CONNECT", { method: "connect" }, "ERR_HTTP_INVALID_METHOD"],
  ["TRACE", { method: "TRACE" }, "ERR_HTTP_INVALID_METHOD"],
  ["content with GET", { body: "x" }, "ERR_INVALID_ARG_VALUE"],
  ["a Transfer-Encoding", { headers: { "transfer-encoding": "gzip" } }, "ERR_HTTP_INVALID_HEADER"],
  ["an Upgrade", { headers: { upgrade: "websocket" } }, "ERR_HTTP_INVALID_HEADER"],
  ["an odd Host", { headers: { host: "a b" } }, "ERR_HTTP_INVALID_HEADER"],
  ["an odd Content-Length", { headers: { "content-length": "1, 1" } }, "ERR_HTTP_INVALID_HEADER"],
  ["an unknown Expect", { headers: { expect: "more" } }, "ERR_HTTP_INVALID_HEADER"],
  [
    "a Content-Length that is wrong",
    { method: "POST", body: "xy", headers: { "content-length": "3" } },
    "ERR_HTTP_BODY_LENGTH",
  ],
  [
    "a Content-Length without content",
    { headers: { "content-length": "3" } },
    "ERR_HTTP_BODY_LENGTH",
  ],
  ["a number as body", { method: "POST", body: 5 as never }, "ERR_INVALID_ARG_TYPE"],
  ["a redirect mode nobody knows", { redirect: "maybe" as never }, "ERR_INVALID_ARG_VALUE"],
  ["a negative timeout", { timeout: -1 }, "ERR_OUT_OF_RANGE"],
];

for (const [what, init, code] of REFUSED) {
  Deno.test(`fetch() refuses ${what} and sends nothing`, () =>
    withServer(always(response("x")), async (client, url, server) => {
      const error = await assertRejects(() => client.fetch(url, init));
      assertEquals((error as NetError).code, code);
      assertEquals(server.accepted, 0);
      assertEquals(client.stats.running, 0);
    }));
}

for (const url of ["", "/path", "ftp://h/", "http://", "http://h:99999/"]) {
  Deno.test(`fetch() rejects when the URL is ${JSON.stringify(url)}`, async () => {
    await using client = new HttpClient();
    const error = await assertRejects(() => client.fetch(url), TypeError);
    assertEquals((error as Error as NetError).code, "ERR_INVALID_ARG_VALUE");
  });
}

Deno.test("fetch() takes a Request, and what is said besides wins", () =>
  withServer(async (connection) => {
    for (;;) {
      const head = await connection.head();
      const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      const content = head.includes("chunked")
        ? await connection.upTo("0\r\n\r\n")
        : await connection.bytes(length);
      const [line] = head.split("\r\n");
      const own = /x-own: (.*)/.exec(head)?.[1];
      await connection.write(response(`${line}|${own}|${content}`));
    }
  }, async (client, url) => {
    const request = new Request(`${url}/r`, {
      method: "post",
      headers: { "X-Own": "1" },
      body: "hi",
    });
    const first = await client.fetch(request);
    assertEquals(await first.text(), "POST /r HTTP/1.1|1|2\r\nhi\r\n0\r\n\r\n");
    const again = await assertRejects(() => client.fetch(request));
    assertEquals((again as NetError).code, "ERR_HTTP_BODY_USED");
    const plain = new Request(`${url}/q`, { headers: { "x-own": "2" } });
    const second = await client.fetch(plain, {
      method: "PUT",
      body: "x",
      headers: { "x-own": "3" },
    });
    assertEquals(await second.text(), "PUT /q HTTP/1.1|3|x");
    const third = await client.fetch(new URL(`${url}/u`), { method: "delete" });
    assertEquals(await third.text(), "DELETE /u HTTP/1.1|undefined|");
  }));

Deno.test("fetch() sends credentials of the URL, unless the caller has some", () => {
  const heads: string[] = [];
  return withServer(async (connection) => {
    for (;;) {
      heads.push(await connection.head());
      await connection.write(response(""));
    }
  }, async (client, url) => {
    const own = url.replace("//", "//user:pass@");
    const answer = await client.fetch(`${own}/`);
    assertEquals(answer.url, `${url}/`);
    await client.fetch(own, { headers: { authorization: "Bearer x" } });
    assert(
      heads[0]!.includes("\r\nauthorization: Basic dXNlcjpwYXNz\r\n") ||
        heads[0]!.endsWith("Basic dXNlcjpwYXNz"),
    );
    assertEquals(heads[1]!.match(/authorization: .*/g), ["authorization: Bearer x"]);
  });
});

Deno.test("HttpClient adds its own headers when the call has none of that name", () => {
  let head = "";
  return withServer(async (connection) => {
    head = await connection.head();
    await connection.write(response(""));
  }, async (client, url) => {
    await client.fetch(url, { headers: { "X-B": "call" } });
    assert(head.includes("X-B: call") && head.includes("x-a: client"));
    assert(!head.includes("x-b: client"));
    assert(head.includes("user-agent: mine") && !head.includes("netstd"));
  }, { headers: { "x-a": "client", "x-b": "client", "user-agent": "mine" } });
});

Deno.test("HttpClient refuses options that cannot be", () => {
  const odd: [HttpClientOptions, ErrorConstructor | RangeErrorConstructor][] = [
    [{ maxSockets: 0 }, RangeError],
    [{ maxTotalSockets: -1 }, RangeError],
    [{ timeouts: { head: -1 } }, RangeError],
    [{ limits: { redirects: Number.NaN } }, RangeError],
    [{ proxy: "socks://x" }, TypeError],
    [{ cert: "x" }, TypeError],
    [{ path: "" }, TypeError],
    [{ redirect: "x" as never }, TypeError],
    [{ family: 5 as never }, TypeError],
    [{ localAddress: "here" }, TypeError],
    [{ headers: { "a b": "c" } }, TypeError],
    [{ headers: [["a", "b\r\nc: d"]] }, TypeError],
  ];
  for (const [options, kind] of odd) assertThrows(() => new HttpClient(options), kind);
});

Deno.test("fetch() gives null content when there can be none", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    await connection.head();
    await connection.write("HTTP/1.1 204 No Content\r\n\r\n");
    await connection.head();
    await connection.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    await connection.head();
    await connection.write(response(""));
  }, async (client, url, server) => {
    const head = await client.fetch(url, { method: "HEAD" });
    assertEquals([head.body, head.headers.get("content-length")], [null, "5"]);
    assertEquals((await client.fetch(url)).body, null);
    assertEquals((await client.fetch(url)).status, 304);
    assertEquals(await (await client.fetch(url)).text(), "");
    assertEquals(server.accepted, 1);
  }));

Deno.test("close() waits for what runs, and takes nothing more", () => {
  const answer = new Deferred<void>();
  const asked = new Deferred<void>();
  return withServer(async (connection) => {
    await connection.head();
    asked.resolve();
    await answer.promise;
    await connection.write(response("late"));
  }, async (client, url) => {
    const running = client.fetch(url);
    await asked.promise;
    const closed = [client.close(), client.close()];
    const signal = AbortSignal.abort("Enough");
    assertEquals(await client.close({ signal }).catch((error) => error), "Enough");
    await assertRejects(() => client.close({ timeout: -1 }), RangeError);
    assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_CLIENT_CLOSED");
    answer.resolve();
    assertEquals(await (await running).text(), "late");
    await Promise.all(closed);
    assertEquals(client.stats.open, 0);
  });
});

Deno.test("close() gives up what runs when its time is 0", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    await connection.ended;
  }, async (client, url) => {
    const answer = await client.fetch(url);
    const content = answer.text();
    const failed = codeOf(content);
    const second = codeOf(client.fetch(url));
    await client.close({ timeout: 0 });
    assertEquals([await failed, await second], [
      "ERR_HTTP_CLIENT_CLOSED",
      "ERR_HTTP_CLIENT_CLOSED",
    ]);
  }));
