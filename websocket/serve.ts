/** A WebSocket server in one call. @module */

import { netError } from "../_core/errors.ts";
import {
  type Handler,
  type HttpServer,
  type RequestInfo,
  serve as serveHttp,
  type ServeOptions,
} from "../http/mod.ts";
import type { WebSocketConnection } from "./connection.ts";
import { upgrade, upgradeSettings, type WebSocketUpgradeOptions } from "./upgrade.ts";

/** Where and how to serve WebSockets. */
export interface WebSocketServeOptions
  extends ServeOptions, Omit<WebSocketUpgradeOptions, "headers"> {
  /** Fields for the responses that open WebSockets. */
  upgradeHeaders?: NonNullable<RequestInit["headers"]>;
  /**
   * Looks at each request first: a response that it gives is the answer, such as 401 or a page;
   * with none the WebSocket opens.
   */
  onRequest?: (
    request: Request,
    info: RequestInfo,
  ) => Response | undefined | Promise<Response | undefined>;
}

/**
 * Gets each connection, before it is open, with the request that it came by, and what else is known
 * of that, such as the client's address in `info.remoteAddr`.
 */
export type WebSocketListener = (
  connection: WebSocketConnection,
  request: Request,
  info: RequestInfo,
) => void;

/**
 * Serves WebSockets, by `ws:`, or `wss:` with `tls`. Gives the HTTP server at once; `opened` resolves
 * when it listens. `shutdown()` closes the connections with 1001, and after its `timeout` by force.
 * A request that is no handshake is answered by the status that says so.
 *
 * Throws as `http.serve()` and `upgrade()` do for options that cannot be.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const server = serve({ port: 0, hostname: "127.0.0.1" }, (connection, request) => {
 *   connection.send(new URL(request.url).pathname);
 * });
 * const { port } = await server.opened;
 *
 * const connection = connect(`ws://127.0.0.1:${port}/chat`);
 * for await (const message of connection) {
 *   assertEquals(message, "/chat");
 *   break;
 * }
 * await server.shutdown();
 * ```
 */
export function serve(listener: WebSocketListener): HttpServer;
/** Serves with options; see above. */
export function serve(options: WebSocketServeOptions, listener: WebSocketListener): HttpServer;
export function serve(
  first: WebSocketServeOptions | WebSocketListener,
  second?: WebSocketListener,
): HttpServer {
  const options = typeof first === "function" ? {} : first;
  const listener = typeof first === "function" ? first : second;
  if (typeof listener !== "function") {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot serve: the listener is not a function");
  }
  const { upgradeHeaders, onRequest, ...rest } = options;
  const upgradeOptions = upgradeHeaders === undefined ? rest : { ...rest, headers: upgradeHeaders };
  upgradeSettings(upgradeOptions);
  const open: Handler = (request, info) => {
    const { socket, response } = upgrade(request, upgradeOptions);
    if (response.status === 101) listener(socket, request, info);
    return response;
  };
  const handler: Handler = onRequest === undefined
    ? open
    : async (request, info) => await onRequest(request, info) ?? open(request, info);
  return serveHttp(rest, handler);
}
