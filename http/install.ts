/** The light Response in place of the platform's. @module */

import { PlatformRequest } from "./native_slots.ts";
import { assumeLight, nativeRequest } from "./request.ts";
import { Response } from "./response.ts";

/** Where a runtime hides the inside of its requests, what takes requests has to unwrap light ones. */
const HIDES = Object.getOwnPropertySymbols(new PlatformRequest("http://localhost/")).length === 0;

/**
 * Makes the light `Response` the global one, for programs whose framework makes responses by the
 * global name (a Hono app, say): in Node that is most of the cost of a small answer. In Node 22 and
 * later the global `Request` and `fetch` are wrapped, too, and take the light requests of this
 * package's servers, which are the platform's there otherwise. Nothing else ever patches a global.
 *
 * Call it before a server is made. Gives a function that takes it back.
 *
 * @example
 * ```ts
 * import { installResponse, Response } from "@netstd/net/http";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const restore = installResponse();
 * assertStrictEquals(globalThis.Response, Response);
 * restore();
 * ```
 */
export function installResponse(): () => void {
  // dnt-shim-ignore: the global itself, and not the proxy that dnt would put in its place.
  const { Response: response, Request: request, fetch } = globalThis;
  globalThis.Response = Response;
  if (HIDES) {
    globalThis.Request = unwrapping(request);
    globalThis.fetch = (input, init) => fetch(nativeRequest(input), init);
    assumeLight(true);
  }
  return () => {
    globalThis.Response = response;
    if (!HIDES) return;
    globalThis.Request = request;
    globalThis.fetch = fetch;
    assumeLight(false);
  };
}

/** A class that makes the platform's requests, of light ones too; `instanceof` sees no difference. */
function unwrapping(platform: typeof Request): typeof Request {
  return new Proxy(platform, {
    construct: (target, [input, ...rest], made) =>
      Reflect.construct(target, [nativeRequest(input), ...rest], made),
  });
}
