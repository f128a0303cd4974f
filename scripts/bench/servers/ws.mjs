// @ts-check
// The package ws, as its documentation has it: ws.mjs <role>
import process from "node:process";
import { report } from "./control.mjs";

const [role] = process.argv.slice(2);
// Named by a variable: the package is there only where the benchmark of peers is wanted.
const name = "ws";
const { WebSocket, WebSocketServer } = await import(name);

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: role === "deflate",
});

/**
 * @typedef {object} Socket
 * @property {(event: string, listener: (data: Uint8Array, isBinary: boolean) => void) => void} on
 * @property {(data: Uint8Array, options: { binary: boolean }) => void} send
 * @property {number} readyState
 */

/** @type {(socket: Socket) => void} */
const echo = (socket) => {
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
};

/** @type {Record<string, (socket: Socket) => void>} */
const roles = {
  echo,
  deflate: echo,

  broadcast(socket) {
    socket.on("message", (data, isBinary) => {
      for (const client of server.clients) {
        if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
      }
    });
  },
};

const serve = roles[role ?? ""];
if (serve === undefined) throw new Error(`No role ${role}`);
server.on("connection", (/** @type {Socket} */ socket) => {
  // The generator resets connections at the end of a round.
  socket.on("error", () => {});
  serve(socket);
});
server.on("listening", () => report(server.address().port));
