/**
 * Helper module of T52: a server that listens or a client that flows, with or without `unref()`, and
 * nothing else that would hold the process; or somebody who awaits the close of a server or a
 * socket of which only unread data is left, which no runtime waits for.
 *
 * @module
 */

import { once } from "node:events";
import process from "node:process";
import { connect, createServer, type TcpSocket } from "../tcp/mod.ts";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const LIFETIME_CHILD = "_testing/lifetime_child.ts";

/** Awaits the close of a server, or of the socket it accepted, when both sides have ended. */
async function awaitClose(what: string, unref: boolean): Promise<void> {
  const server = createServer({ lingerTimeout: 300 }, (socket) => {
    socket.once("data", () => socket.pause().end("answer"));
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const client = connect(server.address);
  client.write("question");
  client.once("data", () => client.end("never read"));
  const [accepted] = await once(server, "connection") as [TcpSocket];
  if (what === "socket" || unref) server.unref();
  if (what === "socket" && unref) accepted.unref();
  console.log("ready");
  if (what === "server") await server.close();
  else await accepted.closed;
  console.log("closed");
}

async function main([role = "", port]: string[]): Promise<void> {
  const [kind, unref, awaited] = role.split(" ");
  if (kind === "await") return await awaitClose(awaited!, unref === "unref");
  if (kind === "server") {
    const server = await createServer(() => {}).listen({ port: 0, hostname: "127.0.0.1" });
    if (unref) server.unref();
  } else {
    const socket = connect({ port: Number(port), hostname: "127.0.0.1" });
    await socket.opened;
    socket.on("data", () => {});
    if (unref) socket.unref();
    socket.write("stall 60000\n");
  }
  console.log("ready");
}

if (isMain(LIFETIME_CHILD)) main(process.argv.slice(2));
