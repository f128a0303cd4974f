/** Serving in one call. @module */

import { checkSignal } from "../_core/abort.ts";
import { throwLater } from "../_core/emitter.ts";
import { netError } from "../_core/errors.ts";
import { listenTargetOf, type ServeOptions } from "./server_options.ts";
import { type Handler, HttpServer, isObserved } from "./server.ts";

/**
 * Serves HTTP, or HTTPS with `tls`, from a handler: the shape of `Deno.serve`. Gives the server at
 * once; `opened` resolves when it listens. Where it cannot, `opened` and `finished` reject as
 * `TcpServer.listen()` does, and with nobody looking at them the error goes to the process.
 *
 * Throws a RangeError (`ERR_OUT_OF_RANGE`) or a TypeError (`ERR_INVALID_ARG_TYPE`) for an option or
 * a handler that cannot be.
 *
 * @example
 * ```ts
 * import { fetch, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * const server = serve({ port: 0, hostname: "127.0.0.1" }, async (request) => {
 *   if (request.method === "POST") return Response.json(await request.json());
 *   return new Response("Hello");
 * });
 * const { port } = await server.opened;
 * const body = JSON.stringify({ a: 1 });
 * const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
 * assertEquals(await response.json(), { a: 1 });
 * await server.shutdown();
 * ```
 */
export function serve(handler: Handler): HttpServer;
/** Serves with options; see above. */
export function serve(options: ServeOptions, handler: Handler): HttpServer;
/** Serves with a handler among the options; see above. */
export function serve(options: ServeOptions & { handler: Handler }): HttpServer;
export function serve(
  first: Handler | ServeOptions | (ServeOptions & { handler: Handler }),
  second?: Handler,
): HttpServer {
  const options = typeof first === "function" ? {} : first ?? {};
  const handler = typeof first === "function"
    ? first
    : second ?? (options as { handler?: Handler }).handler;
  if (typeof handler !== "function") {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot serve: the handler is not a function");
  }
  checkSignal(options.signal);
  const server = new HttpServer(options, handler);
  start(server, options);
  return server;
}

async function start(server: HttpServer, options: ServeOptions): Promise<void> {
  const { signal, onListen } = options;
  try {
    const target = listenTargetOf(options);
    if (onListen !== undefined) server.once("listening", () => onListen(server.addr));
    await server.listen(signal === undefined ? target : { ...target, signal });
  } catch (error) {
    if (!isObserved(server) && !signal?.aborted) throwLater(error);
  }
}
