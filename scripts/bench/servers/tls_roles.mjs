// @ts-check
// What a user of an event-style TLS socket would write for each case, beside what TCP has: the same
// lines for node:tls in both runtimes and for this library in both.
import { createServer } from "node:net";
import { connectionListener, roles } from "./socket_roles.mjs";

/** @typedef {import("./socket_roles.mjs").EventSocket} EventSocket */

const CHUNK = new Uint8Array(65_536).fill(97);

/** @type {Record<string, (socket: EventSocket) => void>} */
const tlsRoles = {
  /** As much as the client takes. */
  send(socket) {
    const fill = () => {
      while (socket.write(CHUNK));
    };
    socket.on("drain", fill);
    socket.on("data", () => {});
    fill();
  },

  /** Two bytes at once. */
  greet(socket) {
    socket.on("data", () => {});
    socket.write(CHUNK.subarray(0, 2));
  },
};

/**
 * The connection listener for a role.
 * @param {string | undefined} role
 * @returns {(socket: EventSocket) => void}
 */
export function tlsListener(role) {
  const serve = tlsRoles[role ?? ""];
  if (serve === undefined) return connectionListener(role);
  return (socket) => {
    socket.on("error", () => {});
    serve(socket);
  };
}

/**
 * For a client: it is told ports of TLS servers, one a connection, and takes what they send until
 * that connection ends.
 * @param {(port: number) => EventSocket} connect
 * @param {(port: number) => void} report
 */
export function download(connect, report) {
  const server = createServer((control) => {
    control.once("data", (data) => {
      const socket = connect(Number(String(data)));
      socket.on("error", () => {});
      roles.receive?.(socket);
      control.on("close", () => socket.destroy());
    });
    control.on("error", () => {});
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") report(address.port);
  });
}
