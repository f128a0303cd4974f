// @ts-check
// Bun.serve with its own WebSockets: bun_serve.mjs <role>
import process from "node:process";
import { report } from "./control.mjs";

const [role] = process.argv.slice(2);

/**
 * @typedef {object} Socket
 * @property {(data: string | Uint8Array, compress?: boolean) => void} send
 * @property {(topic: string) => void} subscribe
 * @typedef {object} Server
 * @property {number} port
 * @property {(request: Request) => boolean} upgrade
 * @property {(topic: string, data: string | Uint8Array) => void} publish
 * @typedef {object} BunGlobal
 * @property {(options: object) => Server} serve
 */

/** @type {Record<string, object>} */
const roles = {
  echo: {
    /** @type {(socket: Socket, data: string | Uint8Array) => void} */
    message: (socket, data) => socket.send(data),
  },

  deflate: {
    perMessageDeflate: true,
    /** @type {(socket: Socket, data: string | Uint8Array) => void} */
    message: (socket, data) => socket.send(data, true),
  },

  broadcast: {
    /** @type {(socket: Socket) => void} */
    open: (socket) => socket.subscribe("all"),
    /** @type {(socket: Socket, data: string | Uint8Array) => void} */
    message: (_socket, data) => server.publish("all", data),
  },
};

const websocket = roles[role ?? ""];
if (websocket === undefined) throw new Error(`No role ${role}`);
const { Bun } = /** @type {{ Bun: BunGlobal }} */ (/** @type {unknown} */ (globalThis));
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  /** @type {(request: Request, server: Server) => Response | undefined} */
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response(null, { status: 400 }),
  websocket,
});
report(server.port);
