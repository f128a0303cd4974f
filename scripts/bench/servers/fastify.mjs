// @ts-check
// The package fastify: fastify.mjs <role> <package>
import process from "node:process";
import { Readable } from "node:stream";
import { report } from "./control.mjs";
import { CHUNKS, HELLO, TEXT } from "./http_content.mjs";

const [role, name] = process.argv.slice(2);
const { fastify } = await import(name ?? "");

const app = fastify();
if (role === "hello") {
  app.get("/", (/** @type {unknown} */ _request, /** @type {Reply} */ reply) => {
    reply.header("content-type", TEXT).send(HELLO);
  });
} else if (role === "echo") {
  app.post("/", (/** @type {{ body: string }} */ request, /** @type {Reply} */ reply) => {
    reply.header("content-type", TEXT).send(request.body);
  });
} else if (role === "stream") {
  app.get("/", (/** @type {unknown} */ _request, /** @type {Reply} */ reply) => {
    reply.header("content-type", TEXT).send(Readable.from(CHUNKS));
  });
} else {
  throw new Error(`No role ${role}`);
}
await app.listen({ port: 0, host: "127.0.0.1" });
report(app.server.address().port);

/**
 * @typedef {object} Reply
 * @property {(name: string, value: string) => Reply} header
 * @property {(content: unknown) => unknown} send
 */
