/**
 * The server that is killed, started again, or left without descriptors: HTTP and WebSocket on one
 * port, `victim.ts PORT [reusePort]`. It prints `ready PORT`, and at SIGUSR2 how it fares.
 *
 * @module
 */

import * as http from "@netstd/net/http";
import { upgrade } from "@netstd/net/websocket";
import process from "node:process";
import { getHeapStatistics } from "node:v8";

const CHUNK = new Uint8Array(64 * 1024);

/** A body without an end. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(CHUNK.slice()) });
}

const port = Number(process.argv[2]);
const timeouts = { keepAlive: 5000, linger: 200 };
const reusePort = process.argv[3] === "reusePort";
const server = http.serve({ hostname: "127.0.0.1", port, reusePort, timeouts }, async (request) => {
  if (request.headers.get("upgrade") === "websocket") {
    const { socket, response } = upgrade(request);
    socket.on("message", (message) => socket.send(message));
    return response;
  }
  if (request.url.endsWith("/endless")) return new http.Response(endless());
  return new http.Response(await request.bytes());
});
let dropped = 0;
server.on("drop", () => dropped++);
server.on("clientError", () => {});
process.on("SIGUSR2", () => {
  (globalThis as { gc?: () => void }).gc?.();
  // `process.memoryUsage()` would need a descriptor.
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const held = Math.round((heap + external) / 1024);
  console.log(`dropped ${dropped} open ${server.connections} held ${held}`);
});

const opened = await server.opened;
console.log(`ready ${opened.port}`);
