/**
 * WebSockets in the event style: listeners at both ends.
 *
 * @module
 */

import type { HttpServer } from "@netstd/net/http";
import { connect, serve, type WebSocketConnection } from "@netstd/net/websocket";
import { type Host, isFarewell, Transcript } from "./conversation.ts";
import type { Certified } from "./secure.ts";
import type { Exchange } from "./service.ts";

/** Silence in ms after which a server lets a client go. */
const IDLE_TIMEOUT = 120_000;
/** Time in ms that a client has for all of its conversation. */
const TIME_LIMIT = 5_000;
/** Bytes that a client may say at a time. */
const LONGEST_SAYING = 4096;

/** Starts a server that greets, and answers message by message. */
export async function startEventTalks(tls: Certified | null, host: Host): Promise<HttpServer> {
  const limits = { connections: 100 };
  const where = { hostname: "127.0.0.1", port: 0, limits, ...(tls === null ? {} : { tls }) };
  const talks = { idleTimeout: IDLE_TIMEOUT, maxMessageSize: LONGEST_SAYING };
  const server = serve({ ...where, ...talks }, (connection) => greet(connection, host));
  await server.opened;
  return server;
}

function greet(connection: WebSocketConnection, host: Host): void {
  connection.on("open", () => connection.send(host.greet()));
  connection.on("message", (data) => {
    const line = String(data);
    // A client that does not read its answers is not read either.
    if (!connection.send(host.answer(line))) connection.pause();
    if (isFarewell(line)) connection.close();
  });
  connection.on("drain", () => connection.resume());
}

/** Talks to the server, and notes the order of the events besides. */
export function talkByMessages(url: string, ca: string | null): Promise<Exchange[]> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const transcript = new Transcript();
    const events = new Set<string>();

    const connection = connect(url, ca === null ? {} : { client: { ca } });
    const late = setTimeout(() => {
      connection.terminate(new Error("The server has fallen silent"));
    }, TIME_LIMIT);
    connection.on("open", () => events.add("open"));
    connection.on("message", (data) => {
      events.add("message");
      const next = transcript.hear(String(data));
      if (next !== null) connection.send(next);
    });
    connection.on("error", reject);
    connection.on("close", (code) => {
      clearTimeout(late);
      events.add(`close ${code}`);
      const received = [...events].join(", ");
      const expected = "open, message, close 1000";
      const milliseconds = performance.now() - started;
      const order = { sent: "(all events)", received, expected, milliseconds };
      try {
        resolve([...transcript.finish(), order]);
      } catch (error) {
        reject(error);
      }
    });
  });
}
