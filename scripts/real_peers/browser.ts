/**
 * Chromium as a client of our HTTP server: it loads a page with style, script and picture, and the
 * page's script posts, streams, uploads a form and listens to events. `deno task test:browser`; the
 * last line is `N passed, N failed`; without Chromium it fails.
 *
 * The page reports by itself, so no library steers the browser.
 *
 * @module
 */

import { assert } from "@std/assert";
import { Response } from "@netstd/net/http";
import { checkPage, type Report, type Site } from "./page.ts";

const MIB = 1024 * 1024;

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Test</title><link rel="stylesheet" href="/style.css"></head>
<body><h1>Grüße</h1><img id="picture" src="/picture.svg" alt=""><script src="/script.js"></script></body>
</html>`;

const STYLE = "h1 { color: rgb(1, 2, 3) }";
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"></svg>';

/** Runs in the page: every case gives what is compared below. */
const SCRIPT = `
const text = (path, init) => fetch(path, init).then((response) => response.text());

const cases = {
  page: () => ({
    heading: document.querySelector("h1").textContent,
    color: getComputedStyle(document.querySelector("h1")).color,
    picture: document.querySelector("#picture").naturalWidth,
  }),
  post: () => text("/echo", { method: "POST", body: "Grüße" }),
  json: async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ a: [1, "ü"] });
    return await (await fetch("/echo", { method: "POST", headers, body })).json();
  },
  upload: () => text("/size", { method: "POST", body: new Uint8Array(8 * ${MIB}) }),
  form: () => {
    const form = new FormData();
    form.append("title", "Grüße");
    form.append("file", new File(["12345"], "five.txt", { type: "text/plain" }));
    return text("/form", { method: "POST", body: form });
  },
  stream: async () => {
    const response = await fetch("/stream");
    let chunks = 0, bytes = 0;
    for await (const chunk of response.body) {
      chunks++;
      bytes += chunk.length;
      // The server sends the next chunk only once this one is known to have come.
      await fetch("/stream/next", { method: "POST" });
    }
    return { several: chunks >= 5, bytes };
  },
  download: async () => (await (await fetch("/download")).arrayBuffer()).byteLength,
  events: () => new Promise((resolve, reject) => {
    const seen = [];
    const source = new EventSource("/events");
    source.addEventListener("tick", (event) => {
      seen.push(event.lastEventId + event.data);
      // It reconnects by itself after the server has ended the first stream.
      if (seen.length < 4) return;
      source.close();
      resolve(seen);
    });
  }),
  abort: async () => {
    const controller = new AbortController();
    const response = await fetch("/endless", { signal: controller.signal });
    await response.body.getReader().read();
    controller.abort();
    return await text("/aborted");
  },
  cookies: async () => {
    await text("/cookies");
    return [document.cookie, await text("/cookies/shown")];
  },
  head: async () => {
    const response = await fetch("/script.js", { method: "HEAD" });
    return [response.status, (await response.text()).length];
  },
  redirect: async () => {
    const response = await fetch("/redirect");
    return [response.redirected, new URL(response.url).pathname];
  },
  many: async () => {
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) =>
      text("/echo", { method: "POST", body: String(i) })));
    return all.every((answer, i) => answer === String(i));
  },
};

addEventListener("load", async () => {
  const report = {};
  for (const [name, run] of Object.entries(cases)) {
    report[name] = await Promise.resolve().then(run).catch((error) => "FAILED: " + error);
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
});
`;

const EXPECTED: Report = {
  page: { heading: "Grüße", color: "rgb(1, 2, 3)", picture: 7 },
  post: "Grüße",
  json: { a: [1, "ü"] },
  upload: `${8 * MIB}`,
  form: "Grüße five.txt text/plain 12345",
  stream: { several: true, bytes: 5000 },
  download: 16 * MIB,
  events: ["1one", "2two", "3one", "4two"],
  abort: "aborted",
  cookies: ["first=1; second=2", "first=1; second=2"],
  head: [200, 0],
  redirect: [true, "/style.css"],
  many: true,
};

/** A response of a type. */
function typed(content: string, type: string): Response {
  return new Response(content, { headers: { "content-type": `${type}; charset=utf-8` } });
}

/** A stream that waits for the page before each of its chunks but the first. */
class Paced {
  #next = Promise.withResolvers<void>();

  go(): void {
    this.#next.resolve();
  }

  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let sent = 0;
    return new ReadableStream({
      pull: async (controller) => {
        if (sent > 0) await this.#next.promise;
        this.#next = Promise.withResolvers();
        if (sent++ === 5) controller.close();
        else controller.enqueue(new Uint8Array(1000));
      },
    });
  }
}

/** Content without an end: a chunk each time there is room for one. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)) });
}

async function describeForm(request: Request): Promise<Response> {
  const form = await request.formData();
  const file = form.get("file");
  assert(file instanceof File);
  const type = file.type.replace(/;.*/, "");
  return new Response(`${form.get("title")} ${file.name} ${type} ${await file.text()}`);
}

async function sizeOf(request: Request): Promise<Response> {
  let size = 0;
  for await (const chunk of request.body!) size += chunk.length;
  return new Response(`${size}`);
}

/** Two events of a stream that then ends; their ids go on from the last that the page has seen. */
function events(request: Request): Response {
  const last = Number(request.headers.get("last-event-id") ?? 0);
  const event = (id: number, data: string) => `event: tick\nid: ${id}\ndata: ${data}\n\n`;
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(encoder.encode("retry: 1\n\n"));
      controller.enqueue(encoder.encode(event(last + 1, "one")));
      controller.enqueue(encoder.encode(event(last + 2, "two")));
      controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

function cookies(): Response {
  const response = new Response("baked");
  response.headers.append("set-cookie", "first=1; Path=/");
  response.headers.append("set-cookie", "second=2; Path=/");
  return response;
}

/** The site, and the promise of what its page reports. */
function makeSite(): Site {
  const paced = new Paced();
  const aborted = Promise.withResolvers<void>();
  const report = Promise.withResolvers<Report>();
  const routes: Record<
    string,
    (request: Request) => globalThis.Response | Promise<globalThis.Response>
  > = {
    "/": () => typed(PAGE, "text/html"),
    "/style.css": () => typed(STYLE, "text/css"),
    "/script.js": () => typed(SCRIPT, "text/javascript"),
    "/picture.svg": () => typed(PICTURE, "image/svg+xml"),
    "/echo": async (request) => new Response(await request.text()),
    "/size": sizeOf,
    "/form": describeForm,
    "/stream": () => new Response(paced.stream()),
    "/stream/next": () => {
      paced.go();
      return new Response(null, { status: 204 });
    },
    "/download": () => new Response(new Uint8Array(16 * MIB)),
    "/events": events,
    "/endless": (request) => {
      request.signal.addEventListener("abort", () => aborted.resolve());
      return new Response(endless());
    },
    "/aborted": async () => {
      await aborted.promise;
      return new Response("aborted");
    },
    "/cookies": cookies,
    "/cookies/shown": (request) => new Response(request.headers.get("cookie")),
    "/redirect": () => new Response(null, { status: 302, headers: { location: "/style.css" } }),
    "/report": async (request) => {
      report.resolve(await request.json() as Report);
      return new Response(null, { status: 204 });
    },
  };
  const handle = (request: Request) => {
    const route = routes[new URL(request.url).pathname];
    return route?.(request) ?? new Response("There is no such page", { status: 404 });
  };
  return { handle, reported: report.promise };
}

if (import.meta.main) Deno.exit(await checkPage(makeSite(), EXPECTED));
