import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import {
  always,
  response,
  type Script,
  type ScriptedServer,
  scriptedServer,
} from "../_testing/scripted_server.ts";
import { HttpClient } from "./client.ts";
import type { HttpClientOptions } from "./client_options.ts";
import { rawHeaders } from "./raw_headers.ts";
import { Response as LightResponse } from "./response.ts";
import { serve } from "./serve.ts";
import { trailers } from "./trailers.ts";

async function withServer(
  script: Script,
  test: (client: HttpClient, url: string, server: ScriptedServer) => Promise<void>,
  options: HttpClientOptions = {},
): Promise<void> {
  await using server = await scriptedServer(script);
  await using client = new HttpClient(options);
  await test(client, server.url, server);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

const redirect = (location: string, status = 302, body = "moved") =>
  response(body, `Location: ${location}\r\n`, `${status} Moved`);

/** Tells what was asked; paths of three digits redirect by that status to `/end`. */
const mirror: Script = async (connection) => {
  for (;;) {
    const head = await connection.head();
    const [, method, target] = /^(\S+) (\S+)/.exec(head)!;
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    const content = await connection.bytes(length);
    const status = /^\/(\d{3})/.exec(target!)?.[1];
    if (status !== undefined) await connection.write(redirect("/end?x", Number(status)));
    else await connection.write(response(`${method} ${target} ${content}`));
  }
};

const FOLLOWED: [number, string, string][] = [
  [301, "POST", "GET /end?x "],
  [302, "POST", "GET /end?x "],
  [303, "PUT", "GET /end?x "],
  [307, "POST", "POST /end?x data"],
  [308, "PUT", "PUT /end?x data"],
];

for (const [status, method, seen] of FOLLOWED) {
  Deno.test(`a call follows ${status} after ${method} as "${seen.trim()}"`, () =>
    withServer(mirror, async (client, url, server) => {
      const answer = await client.fetch(`${url}/${status}#part`, { method, body: "data" });
      assertEquals(await answer.text(), seen);
      assertEquals([answer.redirected, answer.url], [true, `${url}/end?x`]);
      assertEquals([server.accepted, client.stats.redirects], [1, 1]);
    }));
}

Deno.test("a call gives the redirect itself when the mode is manual, and fails when it is error", () =>
  withServer(mirror, async (client, url) => {
    const manual = await client.fetch(`${url}/302`, { redirect: "manual" });
    assertEquals([manual.status, manual.headers.get("location")], [302, "/end?x"]);
    assertEquals(await manual.text(), "moved");
    const failed = client.fetch(`${url}/302`, { redirect: "error" });
    assertEquals(await codeOf(failed), "ERR_HTTP_REDIRECT");
  }));

Deno.test("a call gives a redirect without Location as it is", () =>
  withServer(always(response("where?", "", "302 Found")), async (client, url) => {
    const answer = await client.fetch(url);
    assertEquals([answer.status, await answer.text(), answer.redirected], [302, "where?", false]);
  }));

Deno.test("a call stops following when there are too many redirects", () =>
  withServer(always(redirect("/again")), async (client, url) => {
    assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_TOO_MANY_REDIRECTS");
    assertEquals(client.stats.redirects, 3);
  }, { limits: { redirects: 3 } }));

for (const location of ["ftp://h/", "http://", "http://a b/", "javascript:1"]) {
  Deno.test(`a call fails when it is redirected to ${location}`, () =>
    withServer(always(redirect(location)), async (client, url) => {
      assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_REDIRECT");
    }));
}

for (const status of [301, 302, 303, 307, 308]) {
  const seen = status === 303 ? "goes on by GET" : "fails";
  Deno.test(`a call ${seen} when ${status} comes and its content is gone`, () =>
    withServer(async (connection) => {
      const head = await connection.head();
      if (head.startsWith("GET /b")) return connection.write(response("b"));
      await connection.upTo("0\r\n\r\n");
      await connection.write(redirect("/b", status));
    }, async (client, url) => {
      const body = new Response("once").body!;
      const answer = client.fetch(url, { method: "POST", body });
      if (status === 303) assertEquals(await (await answer).text(), "b");
      else assertEquals(await codeOf(answer), "ERR_HTTP_REDIRECT");
    }, { keepAlive: false }));
}

Deno.test("a call leaves credentials behind when it is redirected to another origin", async () => {
  const heads: string[] = [];
  await using other = await scriptedServer(async (connection) => {
    heads.push(await connection.head());
    await connection.write(response("there"));
  });
  await withServer(async (connection) => {
    for (;;) {
      const head = await connection.head();
      heads.push(head);
      await connection.write(redirect(head.startsWith("GET /same") ? `${other.url}/x` : "/same"));
    }
  }, async (client, url) => {
    const headers = { authorization: "Bearer x", cookie: "a=b", "x-own": "1" };
    const answer = await client.fetch(url, { headers });
    assertEquals([await answer.text(), answer.url], ["there", `${other.url}/x`]);
  });
  const kept = heads.map((head) => /authorization/.test(head) && /cookie/.test(head));
  assertEquals(kept, [true, true, false]);
  assert(heads.every((head) => head.includes("x-own: 1")));
  assert(heads[2]!.includes(`host: 127.0.0.1:${other.port}`));
});

Deno.test("a call keeps credentials of its URL when it is redirected within the origin", async () => {
  const heads: string[] = [];
  await using other = await scriptedServer(async (connection) => {
    heads.push(await connection.head());
    await connection.write(response("there"));
  });
  await withServer(async (connection) => {
    for (;;) {
      const head = await connection.head();
      heads.push(head);
      await connection.write(redirect(head.startsWith("GET /same") ? `${other.url}/x` : "/same"));
    }
  }, async (client, url) => {
    const answer = await client.fetch(url.replace("//", "//user:pass@"));
    assertEquals(await answer.text(), "there");
  });
  assertEquals(heads.map((head) => /authorization: Basic/.test(head)), [true, true, false]);
});

Deno.test("a call goes on although a redirect's content never ends", () =>
  withServer(async (connection) => {
    await connection.head();
    if (connection.index === 0) {
      return connection.write("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 9\r\n\r\nx");
    }
    await connection.write(response("end"));
  }, async (client, url, server) => {
    assertEquals(await (await client.fetch(url)).text(), "end");
    assertEquals(server.accepted, 2);
  }));

// --- Another try -------------------------------------------------------------------------------

/** Answers the first request of the first connection, and breaks it off at the second. */
function stale(how: "end" | "reset"): Script {
  return async (connection) => {
    await connection.head();
    await connection.write(response("first"));
    if (connection.index > 0) return await always(response("again"))(connection);
    await connection.head();
    if (how === "end") connection.end();
    else connection.reset();
  };
}

for (const how of ["end", "reset"] as const) {
  for (const method of ["GET", "PUT", "DELETE"]) {
    Deno.test(`a call tries ${method} again when a used connection comes to its ${how}`, () =>
      withServer(stale(how), async (client, url, server) => {
        await (await client.fetch(url)).text();
        const answer = await client.fetch(
          url,
          method === "PUT" ? { method, body: "x" } : { method },
        );
        assertEquals(await answer.text(), "first");
        assertEquals([server.accepted, client.stats.retries], [2, 1]);
      }));
  }

  Deno.test(`a call never tries POST again when a used connection comes to its ${how}`, () =>
    withServer(stale(how), async (client, url, server) => {
      await (await client.fetch(url)).text();
      const code = await codeOf(client.fetch(url, { method: "POST", body: "x" }));
      assertEquals(code, how === "end" ? "ERR_HTTP_NO_RESPONSE" : "ECONNRESET");
      assertEquals([server.accepted, client.stats.retries], [1, 0]);
    }));
}

Deno.test("a call does not try again when the connection was new", () =>
  withServer(async (connection) => {
    await connection.head();
    connection.end();
  }, async (client, url, server) => {
    assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_NO_RESPONSE");
    assertEquals([server.accepted, client.stats.retries], [1, 0]);
  }));

Deno.test("a call does not try again when a part of the answer had come", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.write(response("first"));
    await connection.head();
    connection.end("HTTP/1.1 2");
  }, async (client, url, server) => {
    await (await client.fetch(url)).text();
    assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_INCOMPLETE");
    assertEquals(server.accepted, 1);
  }));

Deno.test("a call does not fail when the server restarted and every used connection is dead", async () => {
  const first = await scriptedServer(always(response("old")));
  const { url, port } = first;
  await using client = new HttpClient();
  const five = () =>
    Promise.all(Array.from({ length: 5 }, async () => await (await client.fetch(url)).text()));
  assertEquals(await five(), Array(5).fill("old"));
  await first.close();
  await using _second = await scriptedServer(always(response("new")), { port });
  assertEquals(await five(), Array(5).fill("new"));
});

Deno.test("a call takes another connection for POST when the used one was ended with its response", () =>
  withServer(async (connection) => {
    for (;;) {
      await connection.head();
      // The end is there by the time that the next request could be sent.
      connection.end(response(String(connection.index)));
    }
  }, async (client, url, server) => {
    for (let i = 0; i < 20; i++) {
      const answer = await client.fetch(url, { method: "POST" });
      assertEquals(await answer.text(), String(i));
    }
    assertEquals([server.accepted, client.stats.retries], [20, 0]);
  }));

Deno.test("a call uses a connection again for POST when it stays open", () =>
  withServer(always(response("x")), async (client, url, server) => {
    for (let i = 0; i < 5; i++) await (await client.fetch(url, { method: "POST" })).text();
    assertEquals([server.accepted, client.stats.reused], [1, 4]);
  }, { maxSockets: 1 }));

// --- Aborts and times --------------------------------------------------------------------------

class Stop extends Error {}

Deno.test("a call rejects with the signal's reason when it was aborted before", () =>
  withServer(always(response("x")), async (client, url, server) => {
    const signal = AbortSignal.abort(new Stop());
    await assertRejects(() => client.fetch(url, { signal }), Stop);
    assertEquals([server.accepted, client.stats.running], [0, 0]);
  }));

Deno.test("a call rejects with the signal's reason when it is aborted while it waits or connects", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.ended;
  }, async (client, url) => {
    const first = new AbortController();
    const second = new AbortController();
    const connecting = client.fetch(url, { signal: first.signal });
    const waiting = client.fetch(url, { signal: second.signal });
    assertEquals(client.stats.queued, 2);
    second.abort(new Stop());
    await assertRejects(() => waiting, Stop);
    first.abort(new Stop());
    await assertRejects(() => connecting, Stop);
    assertEquals([client.stats.queued, client.stats.running], [0, 0]);
  }, { maxSockets: 1 }));

Deno.test("a call rejects with the signal's reason, and closes, when it is aborted before the head", async () => {
  const asked = new Deferred<void>();
  const gone = new Deferred<void>();
  await withServer(async (connection) => {
    await connection.head();
    asked.resolve();
    await connection.ended;
    gone.resolve();
  }, async (client, url) => {
    const controller = new AbortController();
    const failed = client.fetch(url, { signal: controller.signal });
    await asked.promise;
    controller.abort(new Stop());
    await assertRejects(() => failed, Stop);
    await gone.promise;
  });
});

Deno.test("a call's content fails with the signal's reason when it is aborted within it", async () => {
  const gone = new Deferred<void>();
  await withServer(async (connection) => {
    await connection.head();
    await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    await connection.ended;
    gone.resolve();
  }, async (client, url) => {
    const controller = new AbortController();
    const answer = await client.fetch(url, { signal: controller.signal });
    const content = answer.text();
    controller.abort(new Stop());
    await assertRejects(() => content, Stop);
    await gone.promise;
  });
});

Deno.test("a call's source of content is cancelled with the signal's reason when it is aborted", async () => {
  const cancelled = new Deferred<unknown>();
  const pulled = new Deferred<void>();
  await withServer(async (connection) => {
    await connection.head();
    await connection.ended;
  }, async (client, url) => {
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new Uint8Array(3)),
      pull: () => pulled.resolve(),
      cancel: (reason) => cancelled.resolve(reason),
    });
    const failed = client.fetch(url, { method: "POST", body, signal: controller.signal });
    await pulled.promise;
    controller.abort(new Stop());
    await assertRejects(() => failed, Stop);
    await cancelled.promise;
  });
});

Deno.test("a call's source of content is cancelled when nobody has opened it", async () => {
  const reasons: unknown[] = [];
  const source = () =>
    new ReadableStream<Uint8Array>({ cancel: (reason) => void reasons.push(reason) });
  await withServer(async (connection) => {
    const head = await connection.head();
    if (head.startsWith("GET /wait")) return await connection.ended;
    const moved = head.includes("/moved");
    await connection.write(moved ? redirect("/b", 303) : response("no", "", "403 Forbidden"));
    await connection.ended;
  }, async (client, url) => {
    const init = () => ({ method: "POST", body: source(), expectContinue: true });
    // Answered, and redirected, before the server wanted it.
    assertEquals(await (await client.fetch(url, init())).text(), "no");
    assertEquals(await (await client.fetch(`${url}/moved`, init())).text(), "no");
    assertEquals(reasons.length, 2);
    const controller = new AbortController();
    const waiting = client.fetch(`${url}/wait`, { signal: controller.signal });
    const queued = client.fetch(url, { ...init(), signal: controller.signal });
    const stop = new Stop();
    controller.abort(stop);
    await assertRejects(() => waiting, Stop);
    await assertRejects(() => queued, Stop);
    assertEquals(reasons[2], stop);
  }, { maxSockets: 1, timeouts: { continue: Infinity } });
  const server = await scriptedServer(always(response("")));
  const { url } = server;
  await server.close();
  await using client = new HttpClient();
  const refused = client.fetch(url, { method: "POST", body: source() });
  assertEquals(await codeOf(refused), "ECONNREFUSED");
  assertEquals((reasons[3] as NetError).code, "ECONNREFUSED");
});

Deno.test("a call is not touched when its signal aborts after the content", () =>
  withServer(always(response("x")), async (client, url) => {
    const controller = new AbortController();
    const answer = await client.fetch(url, { signal: controller.signal });
    assertEquals(await answer.text(), "x");
    controller.abort();
    assertEquals(await (await client.fetch(url)).text(), "x");
    assertEquals(client.stats.reused, 1);
  }));

const TIMES: [string, string, HttpClientOptions["timeouts"] & object, string][] = [
  ["a head", "", { head: 20 }, "ERR_HTTP_HEAD_TIMEOUT"],
  ["everything", "", { total: 20 }, "ERR_HTTP_REQUEST_TIMEOUT"],
];

for (const [what, text, timeouts, code] of TIMES) {
  Deno.test(`a call fails when the time for ${what} is over`, () =>
    withServer(async (connection) => {
      await connection.head();
      await connection.write(text);
      await connection.ended;
    }, async (client, url) => {
      assertEquals(await codeOf(client.fetch(url)), code);
    }, { timeouts }));
}

for (
  const [what, timeouts, code] of [
    ["content", { body: 20 }, "ERR_HTTP_BODY_TIMEOUT"],
    ["everything", { total: 40 }, "ERR_HTTP_REQUEST_TIMEOUT"],
  ] as const
) {
  Deno.test(`a call's content fails when the time for ${what} is over`, () =>
    withServer(async (connection) => {
      await connection.head();
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
      await connection.ended;
    }, async (client, url) => {
      const answer = await client.fetch(url);
      assertEquals(await codeOf(answer.text()), code);
    }, { timeouts }));
}

// --- Interim responses, expectations, codings, trailers ----------------------------------------

Deno.test("a call tells interim responses, and gives the final one", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.write("HTTP/1.1 100 Continue\r\n\r\n");
    await connection.write(
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${response("end")}`,
    );
  }, async (client, url) => {
    const interim: string[] = [];
    const answer = await client.fetch(url, {
      onInformational: ({ status, headers }) => interim.push(`${status} ${headers.get("link")}`),
    });
    assertEquals([answer.status, await answer.text()], [200, "end"]);
    assertEquals(interim, ["100 null", "103 </a.css>"]);
  }));

Deno.test("a call fails when there are too many interim responses, or its listener throws", () =>
  withServer(always("HTTP/1.1 102 Processing\r\n\r\n".repeat(101)), async (client, url) => {
    assertEquals(await codeOf(client.fetch(url)), "ERR_HTTP_TOO_MANY_INFORMATIONAL");
    const failed = client.fetch(url, {
      onInformational: () => {
        throw new Stop();
      },
    });
    await assertRejects(() => failed, Stop);
  }));

Deno.test("a call sends its content when the server wants it, or has not said so in time", () =>
  withServer(async (connection) => {
    assert((await connection.head()).endsWith("expect: 100-continue"));
    await connection.write("HTTP/1.1 100 Continue\r\n\r\n");
    assertEquals(await connection.bytes(4), "data");
    await connection.write(response("1"));
    await connection.head();
    assertEquals(await connection.bytes(4), "data");
    await connection.write(response("2"));
  }, async (client, url, server) => {
    const init = { method: "POST", body: "data", expectContinue: true };
    assertEquals(await (await client.fetch(url, init)).text(), "1");
    assertEquals(await (await client.fetch(url, init)).text(), "2");
    assertEquals(server.accepted, 1);
  }, { timeouts: { continue: 10 } }));

Deno.test("a call keeps its content when the server refuses it, and tries without asking after 417", () =>
  withServer(async (connection) => {
    const head = await connection.head();
    if (connection.index === 2) {
      assert(!head.includes("expect"));
      assertEquals(await connection.bytes(4), "data");
      return await connection.write(response("taken"));
    }
    const refusal = connection.index === 0 ? "403 Forbidden" : "417 Expectation Failed";
    await connection.write(response("no", "", refusal));
    await assertRejects(() => connection.bytes(1));
  }, async (client, url, server) => {
    const init = { method: "POST", body: "data", expectContinue: true };
    const refused = await client.fetch(url, init);
    assertEquals([refused.status, await refused.text()], [403, "no"]);
    assertEquals(await (await client.fetch(url, init)).text(), "taken");
    assertEquals(server.accepted, 3);
  }, { timeouts: { continue: Infinity } }));

Deno.test("a call stops sending when the answer is complete before", async () => {
  const cancelled = new Deferred<void>();
  await withServer(async (connection) => {
    await connection.head();
    await connection.upTo("first");
    await connection.write(response("too large", "", "413 Content Too Large"));
  }, async (client, url) => {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new TextEncoder().encode("first")),
      cancel: () => cancelled.resolve(),
    });
    const answer = await client.fetch(url, { method: "POST", body });
    assertEquals([answer.status, await answer.text()], [413, "too large"]);
    await cancelled.promise;
    assertEquals(client.stats.open, 0);
  });
});

const coded = (bytes: Uint8Array, coding: string) =>
  Uint8Array.from(
    `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n` +
      String.fromCharCode(...bytes),
    (letter) => letter.charCodeAt(0),
  );

Deno.test("a call decodes content, unless it shall not", async () => {
  const gzipped = new Uint8Array(gzipSync("plain text"));
  await withServer(always(coded(gzipped, "gzip")), async (client, url) => {
    assertEquals(await (await client.fetch(url)).text(), "plain text");
    const raw = await client.fetch(url, { decompress: false });
    assertEquals(new Uint8Array(await raw.arrayBuffer()), gzipped);
    assertEquals(client.stats.reused, 1);
  });
  await withServer(always(coded(brotliCompressSync("br"), "br")), async (client, url) => {
    assertEquals(await (await client.fetch(url)).text(), "br");
  });
});

Deno.test("a call's fields tell of no coding and no length when its content is decoded", async () => {
  const gzipped = new Uint8Array(gzipSync("plain text"));
  await withServer(always(coded(gzipped, "gzip")), async (client, url) => {
    const decoded = await client.fetch(url);
    assertEquals([...decoded.headers], []);
    assertEquals(rawHeaders(decoded).map(([name]) => name), ["Content-Encoding", "Content-Length"]);
    assertEquals(await decoded.text(), "plain text");
    const raw = await client.fetch(url, { decompress: false });
    assertEquals(raw.headers.get("content-encoding"), "gzip");
    await raw.arrayBuffer();
  });
});

Deno.test("a call's response can be passed on by a server when its content is decoded", async () => {
  const gzipped = new Uint8Array(gzipSync("plain text"));
  await withServer(always(coded(gzipped, "gzip")), async (client, url) => {
    const passing = [
      (answer: Response) => answer,
      ({ body, headers }: Response) => new LightResponse(body, { headers }),
    ];
    for (const pass of passing) {
      await using proxy = serve({ port: 0, hostname: "127.0.0.1" }, async () => {
        return pass(await client.fetch(url));
      });
      const { port } = await proxy.opened;
      const answer = await client.fetch(`http://127.0.0.1:${port}/`);
      assertEquals(await answer.text(), "plain text");
      await proxy.close();
    }
  });
});

Deno.test("a call's content fails when it is not in its coding, or the connection ends within", () =>
  withServer(async (connection) => {
    await connection.head();
    await connection.write(coded(new TextEncoder().encode("plain text"), "gzip"));
    await connection.head();
    connection.end(coded(gzipSync("cut off by the end"), "gzip").subarray(0, -3));
  }, async (client, url) => {
    const first = await client.fetch(url);
    assertEquals(await codeOf(first.text()), "ERR_HTTP_CONTENT_CODING");
    const second = await client.fetch(url);
    assertEquals(await codeOf(second.text()), "ERR_HTTP_INCOMPLETE");
  }));

Deno.test("a call gives the trailers when the content is complete", () =>
  withServer(
    always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n"),
    async (client, url) => {
      const answer = await client.fetch(url);
      assertEquals(await answer.text(), "a");
      assertEquals([...await trailers(answer)], [["x-sum", "7"]]);
    },
  ));

// --- Back-pressure -----------------------------------------------------------------------------

Deno.test("a call stops reading when nobody reads its content, and ends when it is cancelled", async () => {
  const gone = new Deferred<void>();
  const piece = new Uint8Array(256 * 1024);
  let sent = 0;
  await withServer(async (connection) => {
    await connection.head();
    await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    connection.ended.then(() => gone.resolve());
    for (;;) {
      await connection.write(piece);
      sent += piece.length;
    }
  }, async (client, url) => {
    const answer = await client.fetch(url);
    const reader = answer.body!.getReader();
    let read = 0;
    while (read < 2_000_000) read += (await reader.read()).value!.length;
    // What the two systems hold, and no more.
    assert(sent < 100_000_000);
    await reader.cancel();
    await gone.promise;
    assertEquals(client.stats.running, 0);
  });
});

Deno.test("a call keeps its connection when a short response is cancelled", async () => {
  const rest = new Deferred<void>();
  await withServer(async (connection) => {
    for (;;) {
      await connection.head();
      await connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
      await rest.promise;
      await connection.write("def");
    }
  }, async (client, url, server) => {
    const answer = await client.fetch(url);
    await answer.body!.cancel();
    rest.resolve();
    await (await client.fetch(url)).text();
    await (await client.fetch(url)).text();
    assert(server.accepted <= 2);
  });
});
