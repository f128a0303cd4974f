/** `fetch` on a client that the whole process shares. @module */

import { type FetchOptions, HttpClient } from "./client.ts";

let shared: HttpClient | null = null;

/**
 * The client behind `fetch()`, made when it is used first.
 *
 * @example
 * ```ts
 * import { defaultClient } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(defaultClient().stats.queued, 0);
 * ```
 */
export function defaultClient(): HttpClient {
  return shared ??= new HttpClient();
}

/**
 * Sends a request and gives the response as soon as its head is there, by a client of its own that
 * the whole process shares. It takes what the global `fetch` takes outside a browser; see
 * {@linkcode HttpClient.fetch} for what it rejects with.
 *
 * Its idle connections close after 30 s and do not hold the process; `defaultClient().close()` would
 * close them for good.
 *
 * @example
 * ```ts
 * import { fetch, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, () => Response.json({ a: 1 }));
 * const { port } = await server.opened;
 * const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
 * assertEquals(await response.json(), { a: 1 });
 * ```
 */
export function fetch(
  input: string | URL | Request,
  init?: FetchOptions,
): Promise<Response> {
  return defaultClient().fetch(input, init);
}
