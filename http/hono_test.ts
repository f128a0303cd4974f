/** A Hono app on our server, asked by the runtime's own `fetch()`: with each kind of Response. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { stream, streamSSE, streamText } from "hono/streaming";
import { installResponse, serve } from "./mod.ts";

/** What a form has to say about itself. */
async function describeForm(context: Context): Promise<Response> {
  const { title, file } = await context.req.parseBody();
  assert(file instanceof File);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  return context.json({ title, name: file.name, type: file.type, size: bytes.length, sum });
}

function makeApp(): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("x-through", "middleware");
  });
  app.get("/", (context) => context.text("Hello"));
  app.get("/users/:id", (context) => {
    return context.json({ id: context.req.param("id"), tag: context.req.query("tag") });
  });
  app.post("/echo", async (context) => context.json(await context.req.json(), 201));
  app.post("/form", describeForm);
  app.post("/through", (context) => context.body(context.req.raw.body as ReadableStream));
  app.get("/page", (context) => context.html("<h1>Grüße</h1>"));
  app.get("/old", (context) => context.redirect("/new", 301));
  app.delete("/users/:id", (context) => context.body(null, 204));
  app.get("/text-stream", (context) =>
    streamText(context, async (output) => {
      for (const line of ["one", "two", "three"]) await output.writeln(line);
    }));
  app.get("/byte-stream", (context) =>
    stream(context, async (output) => {
      for (let i = 0; i < 10; i++) await output.write(new Uint8Array(10_000).fill(i));
    }));
  app.get("/events", (context) =>
    streamSSE(context, async (output) => {
      for (const id of ["1", "2", "3"]) {
        await output.writeSSE({ event: "tick", id, data: `tick ${id}` });
      }
    }));
  app.get("/cookies", (context) => {
    setCookie(context, "first", "1", { path: "/", httpOnly: true });
    setCookie(context, "second", getCookie(context, "given") ?? "none");
    deleteCookie(context, "third");
    return context.text("baked");
  });
  app.get("/broken", () => {
    throw new Error("The secret reason");
  });
  app.get("/teapot", () => {
    throw new HTTPException(418, { message: "Short and stout" });
  });
  app.notFound((context) => context.text(`No ${context.req.path}`, 404));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    return context.json({ error: "internal" }, 500);
  });
  return app;
}

/** Asks for a path of the app, and gives the response. */
type Ask = (path: string, init?: RequestInit) => Promise<Response>;

const cases: Readonly<Record<string, (ask: Ask) => Promise<void>>> = {
  async "routes, by path, query and method"(ask) {
    const hello = await ask("/");
    assertEquals(await hello.text(), "Hello");
    assertEquals(hello.headers.get("x-through"), "middleware");
    const user = await ask("/users/7%20b?tag=x%26y");
    assertEquals(await user.json(), { id: "7 b", tag: "x&y" });
    const gone = await ask("/users/7", { method: "DELETE" });
    assertEquals([gone.status, await gone.text()], [204, ""]);
    const page = await ask("/page");
    assertMatch(page.headers.get("content-type") ?? "", /^text\/html; charset=utf-8$/i);
    assertEquals(await page.text(), "<h1>Grüße</h1>");
  },

  async "takes and gives JSON"(ask) {
    const value = { list: [1, 2, { deep: "Grüße" }], nothing: null };
    const headers = { "content-type": "application/json" };
    const response = await ask("/echo", { method: "POST", headers, body: JSON.stringify(value) });
    assertEquals(response.status, 201);
    assertMatch(response.headers.get("content-type") ?? "", /^application\/json/);
    assertEquals(await response.json(), value);
  },

  async "takes a form with a file"(ask) {
    const form = new FormData();
    const bytes = new Uint8Array(100_000).map((_, i) => i);
    form.append("title", "Grüße");
    form.append("file", new File([bytes], "data.bin", { type: "application/x-data" }));
    const response = await ask("/form", { method: "POST", body: form });
    const sum = bytes.reduce((all, byte) => all + byte, 0);
    const file = { name: "data.bin", type: "application/x-data", size: 100_000, sum };
    assertEquals(await response.json(), { title: "Grüße", ...file });
  },

  async "sends a request's body back as it comes"(ask) {
    const body = "0123456789".repeat(30_000);
    const response = await ask("/through", { method: "POST", body });
    assertEquals(await response.text() === body, true);
  },

  async "streams text and bytes"(ask) {
    assertEquals(await (await ask("/text-stream")).text(), "one\ntwo\nthree\n");
    const bytes = new Uint8Array(await (await ask("/byte-stream")).arrayBuffer());
    assertEquals(bytes.length, 100_000);
    assert(bytes.every((byte, i) => byte === Math.floor(i / 10_000)));
  },

  async "sends events"(ask) {
    const response = await ask("/events");
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    const events = ["1", "2", "3"].map((id) => `event: tick\ndata: tick ${id}\nid: ${id}\n\n`);
    assertEquals(await response.text(), events.join(""));
  },

  async "sets several cookies and gets those of the client"(ask) {
    const response = await ask("/cookies", { headers: { cookie: "given=2; other=x" } });
    assertEquals(await response.text(), "baked");
    assertEquals(response.headers.getSetCookie(), [
      "first=1; Path=/; HttpOnly",
      "second=2; Path=/",
      "third=; Max-Age=0; Path=/",
    ]);
  },

  async "redirects"(ask) {
    const response = await ask("/old", { redirect: "manual" });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("location")], [301, "/new"]);
  },

  async "answers by its own handlers of errors"(ask) {
    const missing = await ask("/nowhere");
    assertEquals([missing.status, await missing.text()], [404, "No /nowhere"]);
    const broken = await ask("/broken");
    assertEquals([broken.status, await broken.json()], [500, { error: "internal" }]);
    const teapot = await ask("/teapot");
    assertEquals([teapot.status, await teapot.text()], [418, "Short and stout"]);
  },

  async "answers HEAD as GET without the content"(ask) {
    const get = await ask("/");
    await get.text();
    const head = await ask("/", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
    for (const name of ["content-type", "x-through"]) {
      assertEquals(head.headers.get(name), get.headers.get(name));
    }
  },
};

async function withApp(run: (ask: Ask) => Promise<void>): Promise<void> {
  await using server = serve({ port: 0, hostname: "127.0.0.1" }, makeApp().fetch);
  const { port } = await server.opened;
  await run((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init));
}

for (const [what, run] of Object.entries(cases)) {
  Deno.test(`serve() carries a Hono app that ${what}`, () => withApp(run));

  Deno.test(`installResponse() lets a Hono app go on when it ${what}`, async () => {
    const restore = installResponse();
    try {
      await withApp(run);
    } finally {
      restore();
    }
  });
}
