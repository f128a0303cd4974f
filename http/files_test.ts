/**
 * A file server in the shape of `serveDir()` of `@std/http`: the platform's responses with a file's
 * stream, validators, parts of the file, and no content where there may be none.
 */

import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Response as LightResponse, serve } from "./mod.ts";
import { pattern } from "../_testing/pattern.ts";

const SIZE = 300_000;

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Answers with a file, or a part of it. */
async function serveFile(request: Request, path: string, Class: typeof Response) {
  const { size, mtime } = await stat(path);
  const etag = `W/"${size}-${mtime.getTime()}"`;
  const headers = new Headers({
    etag,
    "accept-ranges": "bytes",
    "last-modified": mtime.toUTCString(),
    "content-type": "application/octet-stream",
  });
  const since = Date.parse(request.headers.get("if-modified-since") ?? "");
  if (request.headers.get("if-none-match") === etag || since >= mtime.getTime() - 999) {
    return new Class(null, { status: 304, headers });
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = range === null || range[2] === "" ? size - 1 : Math.min(Number(range[2]), size - 1);
  if (start >= size) {
    headers.set("content-range", `bytes */${size}`);
    return new Class("Range Not Satisfiable", { status: 416, headers });
  }
  headers.set("content-length", `${end - start + 1}`);
  if (range !== null) headers.set("content-range", `bytes ${start}-${end}/${size}`);
  const status = range === null ? 200 : 206;
  if (request.method === "HEAD") return new Class(null, { status, headers });
  const stream = Readable.toWeb(createReadStream(path, { start, end })) as ReadableStream;
  return new Class(stream, { status, headers });
}

async function withFile(
  Class: typeof Response,
  run: (url: string, content: Uint8Array) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "netstd-files-"));
  const path = join(folder, "file");
  const content = pattern(SIZE);
  await writeFile(path, content);
  const server = serve({ hostname: "127.0.0.1", port: 0 }, (request) => {
    return serveFile(request, path, Class);
  });
  const { port } = await server.opened as { port: number };
  try {
    await run(`http://127.0.0.1:${port}/file`, content);
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

for (const [name, Class] of [["platform's", Response], ["light one", LightResponse]] as const) {
  Deno.test(`serve() sends files and parts of them when the Response is the ${name}`, async () => {
    await withFile(Class as typeof Response, async (url, content) => {
      const whole = await fetch(url);
      assertEquals([whole.status, whole.headers.get("content-length")], [200, `${SIZE}`]);
      assertEquals(Buffer.compare(await bytesOf(whole), content), 0);
      const part = await fetch(url, { headers: { range: "bytes=1000-100999" } });
      assertEquals(part.status, 206);
      assertEquals(part.headers.get("content-range"), `bytes 1000-100999/${SIZE}`);
      assertEquals(Buffer.compare(await bytesOf(part), content.subarray(1000, 101_000)), 0);
      const beyond = await fetch(url, { headers: { range: `bytes=${SIZE}-` } });
      assertEquals([beyond.status, await beyond.text()], [416, "Range Not Satisfiable"]);
      const head = await fetch(url, { method: "HEAD" });
      assertEquals([head.headers.get("content-length"), await head.text()], [`${SIZE}`, ""]);
      const seen: Record<string, string>[] = [
        { "if-none-match": head.headers.get("etag")! },
        { "if-modified-since": head.headers.get("last-modified")! },
      ];
      for (const headers of seen) {
        const same = await fetch(url, { headers });
        assertEquals([same.status, await same.text()], [304, ""]);
      }
    });
  });
}

Deno.test("serve() closes a file's stream when the client goes midway", async () => {
  const folder = await mkdtemp(join(tmpdir(), "netstd-files-"));
  const path = join(folder, "file");
  const file = await open(path, "w");
  await file.truncate(64 * 1024 * 1024);
  await file.close();
  const stream = createReadStream(path);
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  const server = serve({ hostname: "127.0.0.1", port: 0 }, () => {
    return new Response(Readable.toWeb(stream) as ReadableStream);
  });
  const { port } = await server.opened as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await closed;
  await server.close();
  await rm(folder, { recursive: true });
});
