/** Trailer fields: those that follow a message's content (RFC 9110, section 6.5). @module */

import { netError } from "../_core/errors.ts";
import { readHeaders } from "./headers.ts";
import type { HeadersInput } from "./platform.ts";
import { partsOfRequest } from "./request.ts";
import { partsOfResponse } from "./response.ts";

/** Gives trailer fields, flat: name, value, name, value. */
export type TrailersProvider = () => readonly string[] | Promise<readonly string[]>;

const providers = new WeakMap<Response, TrailersProvider>();
let anyProvider = false;

/**
 * Has a response end with trailer fields, made by `provide` once its content is complete: a checksum
 * of a stream, for instance. They go out with content in chunks, so to clients of HTTP/1.1, and not
 * with a Content-Length. Gives the response.
 *
 * @example
 * ```ts
 * import { fetch, Response, serve, trailers, withTrailers } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, () => {
 *   const response = new Response(ReadableStream.from([new Uint8Array(3)]));
 *   return withTrailers(response, () => ({ "x-length": "3" }));
 * });
 * const { port } = await server.opened;
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * await response.bytes();
 * assertEquals((await trailers(response)).get("x-length"), "3");
 * ```
 */
export function withTrailers(
  response: Response,
  provide: () => HeadersInput | Promise<HeadersInput>,
): Response {
  anyProvider = true;
  providers.set(response, async () => readHeaders(await provide() ?? []));
  return response;
}

/** Who gives the trailer fields of a response, if anybody does. */
export function trailersProvider(response: Response): TrailersProvider | undefined {
  return anyProvider ? providers.get(response) : undefined;
}

/**
 * The trailer fields of a request that a server got, or of a response that the client got. Resolves
 * once the content is complete, so read that first; empty when none came. Rejects with what the
 * message failed with, and with a UsageError (`ERR_INVALID_ARG_VALUE`) for messages of others.
 *
 * @example
 * ```ts
 * import { Response, serve, trailers } from "@netstd/net/http";
 * import { connect } from "@netstd/net/tcp";
 * import { assert } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, async (request) => {
 *   await request.text();
 *   return new Response((await trailers(request)).get("x-sum"));
 * });
 * const { port } = await server.opened;
 *
 * const socket = connect({ hostname: "127.0.0.1", port: port! });
 * socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
 * socket.end("3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
 * let answer = "";
 * for await (const chunk of socket) answer += new TextDecoder().decode(chunk);
 * assert(answer.endsWith("\r\n\r\n6"));
 * ```
 */
export async function trailers(message: Request | Response): Promise<Headers> {
  const parts = partsOfResponse(message) ?? partsOfRequest(message);
  if (parts === undefined) {
    throw netError(
      "ERR_INVALID_ARG_VALUE",
      "Cannot tell the trailers: the message did not come in here",
    );
  }
  const fields = await parts.body?.trailers ?? null;
  return new Headers(fields === null ? [] : [...fields]);
}
