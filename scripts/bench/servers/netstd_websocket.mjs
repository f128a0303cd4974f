// @ts-check
// This library's websocket module, run by Deno from the sources and by Node from the npm build:
// netstd_websocket.mjs <role> <module>
import process from "node:process";
import { report } from "./control.mjs";

const [role, module] = process.argv.slice(2);
const { serve, Topics } = await import(new URL(module ?? "", import.meta.url).href);
const topics = new Topics();

/**
 * @typedef {object} Connection
 * @property {(event: "message", listener: (data: string | Uint8Array) => void) => void} on
 * @property {(data: string | Uint8Array) => boolean} send
 */

/** @type {(connection: Connection) => void} */
const echo = (connection) => {
  connection.on("message", (data) => {
    connection.send(data);
  });
};

/** @type {Record<string, (connection: Connection) => void>} */
const roles = {
  echo,
  deflate: echo,

  broadcast(connection) {
    topics.subscribe("all", connection);
    connection.on("message", (data) => {
      topics.publish("all", data);
    });
  },
};

const listener = roles[role ?? ""];
if (listener === undefined) throw new Error(`No role ${role}`);
const server = serve({ port: 0, hostname: "127.0.0.1" }, listener);
const { port } = await server.opened;
report(port);
