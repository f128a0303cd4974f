// @ts-check
// Bun.serve with a handler of fetch's kind: bun_http.mjs <role>
import process from "node:process";
import { report } from "./control.mjs";
import { fetchHandler } from "./fetch_roles.mjs";

/**
 * @typedef {object} BunGlobal
 * @property {(options: object) => { port: number }} serve
 */

const { Bun } = /** @type {{ Bun: BunGlobal }} */ (/** @type {unknown} */ (globalThis));
const handler = await fetchHandler(process.argv[2], Response);
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: handler });
report(server.port);
