// A server on node:http: `node node_http.mjs PORT`. It says `listening PORT`.

import { createServer } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

const TEXT = "All happy families are alike.\n".repeat(2000);
const MIB = 1024 * 1024;
const CODED = { gzip: gzipSync(TEXT), deflate: deflateSync(TEXT), br: brotliCompressSync(TEXT) };
const seen = new Map();

function* pieces(size) {
  const chunk = new Uint8Array(64 * 1024);
  for (; size > 0; size -= chunk.length) yield chunk;
}

async function count(request) {
  let length = 0;
  for await (const chunk of request) length += chunk.length;
  return length;
}

async function textOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

const ROUTES = {
  async "/once"(request, response) {
    const id = await textOf(request);
    seen.set(id, (seen.get(id) ?? 0) + 1);
    response.end(id);
  },
  async "/count"(request, response) {
    response.end(String(await count(request)));
  },
  async "/trailers"(request, response) {
    const content = await textOf(request);
    response.setHeader("Trailer", "x-length");
    response.write(JSON.stringify(request.trailers));
    response.addTrailers({ "x-length": String(content.length) });
    response.end();
  },
  "/seen"(_request, response) {
    response.end(JSON.stringify(Object.fromEntries(seen)));
  },
  "/echo"(request, response) {
    request.pipe(response);
  },
  "/large"(_request, response, search) {
    Readable.from(pieces(Number(search.get("mib")) * MIB)).pipe(response);
  },
  "/text"(request, response) {
    const wanted = request.headers["accept-encoding"] ?? "";
    const coding = ["br", "gzip", "deflate"].find((name) => wanted.includes(name));
    if (coding === undefined) return response.end(TEXT);
    response.writeHead(200, { "content-encoding": coding }).end(CODED[coding]);
  },
  "/hints"(_request, response) {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.end("hinted"));
  },
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://server");
  const route = ROUTES[pathname];
  if (route === undefined) response.end("small");
  else route(request, response, searchParams);
});
server.on("checkContinue", (request, response) => {
  if (request.headers["x-refuse"] !== undefined) return response.writeHead(403).end("refused");
  response.writeContinue();
  server.emit("request", request, response);
});
server.on("upgrade", (_request, socket) => {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
  socket.pipe(socket);
});
// What a line on stdin asks for: the connections that idle are closed at once.
process.stdin.on("data", () => server.closeIdleConnections());
server.listen(Number(process.argv[2]), "127.0.0.1", () => {
  console.log(`listening ${server.address().port}`);
});
