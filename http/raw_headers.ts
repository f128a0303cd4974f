/** Header fields as they were sent. @module */

import { netError } from "../_core/errors.ts";
import { partsOfRequest } from "./request.ts";
import { partsOfResponse } from "./response.ts";

/**
 * The header fields of a request that a server got, or of a response that the client got, in their
 * order and with their letters as sent, repeated ones each by itself: `Headers` keeps none of that.
 * Throws a UsageError (`ERR_INVALID_ARG_VALUE`) for messages of others.
 *
 * @example
 * ```ts
 * import { fetch, rawHeaders, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   return Response.json(rawHeaders(request).map(([name]) => name).includes("X-Id"));
 * });
 * const { port } = await server.opened;
 * const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { "X-Id": "7" } });
 * assertEquals(await response.json(), true);
 * ```
 */
export function rawHeaders(message: Request | Response): [name: string, value: string][] {
  const fields = partsOfResponse(message)?.fields ?? partsOfRequest(message)?.head.fields;
  if (fields === undefined) {
    throw netError(
      "ERR_INVALID_ARG_VALUE",
      "Cannot tell the raw headers: the message did not come in here",
    );
  }
  return [...fields];
}
