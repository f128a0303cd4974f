// @ts-check
// The server under test, run by Deno from the sources and by Node from the npm build:
// server.mjs <module> <keepAlive ms> <head ms>
import process from "node:process";
import { memory, obey, tell } from "../bench/servers/control.mjs";

const [module = "", keepAlive, head] = process.argv.slice(2);
const { Response, serve } = await import(new URL(module, import.meta.url).href);

const CHUNK = new Uint8Array(65_536).fill(97);

/** @param {number} size */
function content(size) {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const chunk = CHUNK.slice(0, Math.min(left, CHUNK.length));
      left -= chunk.length;
      controller.enqueue(chunk);
    },
  });
}

/** @param {ReadableStream<Uint8Array> | null} body */
async function sizeOf(body) {
  let size = 0;
  for await (const chunk of body ?? []) size += chunk.length;
  return size;
}

const options = {
  port: 0,
  hostname: "127.0.0.1",
  timeouts: { keepAlive: Number(keepAlive), head: Number(head) },
};
const server = serve(options, async (/** @type {Request} */ request) => {
  const size = new URL(request.url).searchParams.get("size");
  if (request.method === "POST") return new Response(`${await sizeOf(request.body)}`);
  return new Response(size === null ? "Hello" : content(Number(size)));
});

/** When the clients came that have not been refused yet, by their ports. */
const came = new Map();
/** @type {number[]} */
const waits = [];
server.on("connection", (/** @type {{ port: number }} */ { port }) => {
  came.set(port, performance.now());
});
server.on("clientError", (/** @type {Error} */ _, /** @type {{ port: number }} */ { port }) => {
  waits.push(performance.now() - came.get(port));
});

const { port } = await server.opened;
tell({ port, pid: process.pid });
obey({ memory, connections: () => server.connections, waits: () => waits });
