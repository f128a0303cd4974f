/** Leaving HTTP for another protocol on the same connection. @module */

import { netError } from "../_core/errors.ts";
import type { TcpSocket } from "../tcp/mod.ts";
import { Exchange } from "./exchange.ts";
import type { HeadersInput } from "./platform.ts";
import { contextOf } from "./request.ts";
import { switchProtocol } from "./switch_protocol.ts";

/** How to leave HTTP. */
export interface UpgradeOptions {
  /** The protocol to change to, one of those that the client named. Default the first of them. */
  protocol?: string;
  /** Fields for the response, besides Connection and Upgrade. */
  headers?: HeadersInput;
}

/** A connection that is about to change its protocol. */
export interface Upgrade {
  /** The response that says so: the handler has to give it. */
  response: globalThis.Response;
  /**
   * The connection: it opens once the response has gone out, and closes when another response is
   * given. On an HTTPS server it is a TlsSocket.
   */
  socket: TcpSocket;
}

/**
 * Answers a request that asks for another protocol (RFC 9110, section 7.8) by 101 (Switching
 * Protocols), and gives the socket that carries it from then on; what the client sent ahead is read
 * from it first. The shape of `Deno.upgradeWebSocket`; the `upgrade` event does without a response.
 *
 * Throws a UsageError (`ERR_HTTP_UPGRADE`) when the request did not ask for this, is no request of
 * this package's server, or was answered; a TypeError (`ERR_HTTP_INVALID_HEADER`).
 *
 * @example
 * ```ts
 * import { HttpClient, serve, upgrade } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request, { protocol: "echo" });
 *   socket.pipe(socket);
 *   return response;
 * });
 * const { port } = await server.opened;
 *
 * await using client = new HttpClient();
 * const { socket } = await client.upgrade(`http://127.0.0.1:${port}/`, { protocol: "echo" });
 * socket!.write("Hello");
 * assertEquals(new TextDecoder().decode((await socket!.read())!), "Hello");
 * await socket!.close();
 * ```
 */
export function upgrade(request: Request, options: UpgradeOptions = {}): Upgrade {
  const exchange = contextOf(request);
  if (exchange instanceof Exchange) return switchProtocol(exchange, options);
  throw netError("ERR_HTTP_UPGRADE", "Cannot upgrade: the request is not one of this server's");
}
