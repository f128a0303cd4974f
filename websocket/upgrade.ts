/** The server's side of the opening handshake, on a request of this package's HTTP server. @module */

import { NetError, netError } from "../_core/errors.ts";
import { closedError } from "../_io/failure.ts";
import type { ServerPlaces } from "../_io/socket_parts.ts";
import { giveTo, type Successor, type Taken } from "../_io/take_over.ts";
import { sha1 } from "../_runtime/hash.ts";
import { Response, type Upgrade, upgrade as switchProtocol } from "../http/mod.ts";
import { isToken } from "./_engine/grammar.ts";
import { type Accepted, type Agreed, answerRequest, type Refused } from "./_engine/handshake.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import type { Link } from "./link.ts";
import { extraFields, type Settings, settingsOf, type WebSocketOptions } from "./options.ts";

/** How a server opens WebSockets. */
export interface WebSocketUpgradeOptions extends WebSocketOptions {
  /** The subprotocols that it speaks. The client's first that is among them is chosen. */
  protocols?: readonly string[];
  /**
   * The origins whose pages may connect, such as `https://example.org`; or who decides, given null
   * for a client that is no browser. Others are refused by 403. Default all; with a list, also
   * clients that name no origin.
   */
  origins?: readonly string[] | ((origin: string | null) => boolean);
  /** Fields for the response that opens it. */
  headers?: NonNullable<RequestInit["headers"]>;
}

/** A WebSocket that is about to open, or the refusal of one. */
export interface WebSocketUpgrade {
  /** The connection: it opens once the response has gone out. */
  socket: WebSocketConnection;
  /** The response: the handler has to give it. */
  response: globalThis.Response;
}

/** Options that were checked before, by whoever uses them many times. */
const known = new WeakMap<WebSocketUpgradeOptions, Settings>();

const DEFAULTS: WebSocketUpgradeOptions = {};

/** What most connections without compression agree on. */
const PLAIN = { protocol: "", deflate: null };

/** Checks options, once for each object. */
export function upgradeSettings(options: WebSocketUpgradeOptions): Settings {
  let settings = known.get(options);
  if (settings === undefined) {
    for (const protocol of options.protocols ?? []) {
      if (!isToken(protocol)) {
        const message = `Cannot use the subprotocol ${JSON.stringify(protocol)}: it is no token`;
        throw netError("ERR_INVALID_ARG_VALUE", message);
      }
    }
    extraFields(options.headers);
    known.set(options, settings = settingsOf(options));
  }
  return settings;
}

/**
 * Opens a WebSocket for a request (RFC 6455, section 4.2), in the handler of `http.serve()` or with
 * `HttpServer`: the shape of `Deno.upgradeWebSocket`. Authenticate before that, by what the request
 * says.
 *
 * A request that is no proper handshake gets a response with the status that says so, from 400 to
 * 426, and a connection that fails by `ERR_WS_BAD_REQUEST`; so the handler can do the same in both
 * cases. A connection whose response is not given closes.
 *
 * Throws a UsageError (`ERR_HTTP_UPGRADE`) for a request that is not of this package's server, or was
 * answered; a RangeError (`ERR_OUT_OF_RANGE`) or TypeError (`ERR_INVALID_ARG_VALUE`,
 * `ERR_HTTP_INVALID_HEADER`) for an option.
 *
 * @example
 * ```ts
 * import { Response, serve } from "@netstd/net/http";
 * import { connect, upgrade } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   if (request.headers.get("authorization") !== "Bearer secret") {
 *     return new Response("Who are you?", { status: 401 });
 *   }
 *   const { socket, response } = upgrade(request, { protocols: ["greeting"] });
 *   socket.send("Hello");
 *   return response;
 * });
 * const { port } = await server.opened;
 *
 * await using connection = connect(`ws://127.0.0.1:${port}/`, {
 *   protocols: ["greeting"],
 *   headers: { authorization: "Bearer secret" },
 * });
 * for await (const message of connection) {
 *   assertEquals([message, connection.protocol], ["Hello", "greeting"]);
 *   break;
 * }
 * ```
 */
export function upgrade(
  request: Request,
  options: WebSocketUpgradeOptions = DEFAULTS,
): WebSocketUpgrade {
  const settings = upgradeSettings(options);
  const given = { [prepared]: settings } as WebSocketOptions;
  const socket = new WebSocketConnection("server", given);
  const answer = answerTo(request, options, settings);
  if (!answer.ok) return { socket, response: refusal(socket, answer) };
  const { headers } = options;
  const fields = headers === undefined
    ? answer.fields
    : [...new Headers(headers), ...answer.fields];
  const switched = trySwitch(request, fields);
  if (!("response" in switched)) return { socket, response: refusal(socket, switched) };
  giveTo(switched, new Arrival(linkOf(socket), answer));
  return { socket, response: switched.response };
}

function answerTo(
  { method, headers }: Request,
  { protocols = [], origins }: WebSocketUpgradeOptions,
  { deflate }: Settings,
): Accepted | Refused {
  const field = (name: string) => headers.get(name);
  const answer = answerRequest({ method, field }, { protocols, deflate }, sha1);
  if (!answer.ok || origins === undefined) return answer;
  const origin = field("origin");
  const allowed = typeof origins === "function"
    ? origins(origin)
    : origin === null || origins.includes(origin);
  if (allowed) return answer;
  return { ok: false, status: 403, fields: [], reason: `the origin ${origin} may not connect` };
}

/** HTTP has a reason of its own: there is no upgrade in version 1.0 (RFC 9110, section 7.8). */
function trySwitch(request: Request, headers: [string, string][]): Upgrade | Refused {
  try {
    return switchProtocol(request, { protocol: "websocket", headers });
  } catch (error) {
    if (!(error instanceof NetError) || error.status === undefined) throw error;
    return { ok: false, status: 400, fields: [], reason: "the request cannot be upgraded" };
  }
}

function refusal(socket: WebSocketConnection, { status, fields, reason }: Refused) {
  const message = `Cannot open a WebSocket: ${reason}`;
  const error = netError("ERR_WS_BAD_REQUEST", message, { status });
  // Whoever called listens from the next moment on.
  queueMicrotask(() => linkOf(socket).refuse(error));
  // What a client has sent behind its request would be frames: they are no requests.
  return new Response(`${message}\n`, { status, headers: [...fields, ["connection", "close"]] });
}

/** Waits for a connection, which leaves HTTP when the response has gone out. */
class Arrival implements Successor {
  readonly occupant: Link;
  readonly #agreed: Agreed;

  constructor(link: Link, { protocol, deflate }: Accepted) {
    this.occupant = link;
    this.#agreed = deflate === null && protocol === "" ? PLAIN : { protocol, deflate };
  }

  get destroyed(): boolean {
    return this.occupant.phase !== "connecting";
  }

  take(taken: Taken, places: ServerPlaces): void {
    this.occupant.places = places;
    this.occupant.open(taken, this.#agreed);
  }

  destroy(error: unknown = closedError("connect")): void {
    // Whoever called listens from the next moment on.
    queueMicrotask(() => this.occupant.refuse(error));
  }
}
