/**
 * WebSockets in the modern style: promises, async iteration and `await using`.
 *
 * @module
 */

import { createServer, type HttpServer } from "@netstd/net/http";
import { connect, upgrade, type WebSocketConnection } from "@netstd/net/websocket";
import { type Host, isFarewell, Transcript } from "./conversation.ts";
import type { Certified } from "./secure.ts";
import type { Exchange } from "./service.ts";

/** Silence in ms after which a server lets a client go, and bytes that it may say at a time. */
const TALKS = { idleTimeout: 120_000, maxMessageSize: 4096 };
/** Time in ms that a client has for all of its conversation. */
const TIME_LIMIT = 5_000;

/** Starts a server that greets, and answers message by message. */
export async function startModernTalks(tls: Certified | null, host: Host): Promise<HttpServer> {
  const limits = { connections: 100 };
  const server = createServer({ limits, ...(tls === null ? {} : { tls }) }, (request) => {
    const { socket, response } = upgrade(request, TALKS);
    if (response.status === 101) {
      converse(socket, host).catch((error) => console.error(`A client failed: ${error.message}`));
    }
    return response;
  });
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  return server;
}

async function converse(connection: WebSocketConnection, host: Host): Promise<void> {
  connection.send(host.greet());
  for await (const message of connection) {
    const line = String(message);
    connection.send(host.answer(line));
    // Leaving the loop closes the connection.
    if (isFarewell(line)) break;
  }
}

/** Talks to the server. */
export async function talkByMessageIteration(url: string, ca: string | null): Promise<Exchange[]> {
  const transcript = new Transcript();
  await using connection = connect(url, ca === null ? {} : { client: { ca } });
  const late = setTimeout(() => {
    connection.terminate(new Error("The server has fallen silent"));
  }, TIME_LIMIT);
  try {
    for await (const message of connection) {
      const next = transcript.hear(String(message));
      if (next !== null) connection.send(next);
    }
  } finally {
    clearTimeout(late);
  }
  return transcript.finish();
}
