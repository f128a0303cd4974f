/** The answer 101 (Switching Protocols) to the request of an exchange. @module */

import { netError } from "../_core/errors.ts";
import { Fields } from "./_engine/fields.ts";
import { listElements } from "./_engine/grammar.ts";
import type { Exchange } from "./exchange.ts";
import { readHeaders } from "./headers.ts";
import { makeResponse } from "./response.ts";
import type { Upgrade, UpgradeOptions } from "./upgrade.ts";

/** Prepares the switch, and gives the response with the socket. Throws as `upgrade()` does. */
export function switchProtocol(exchange: Exchange, options: UpgradeOptions): Upgrade {
  const offered = listElements(exchange.head.upgrade ?? "");
  const protocol = options.protocol ?? offered[0] ?? "";
  const wanted = protocol.toLowerCase();
  if (!offered.some((name) => name.toLowerCase() === wanted)) {
    throw netError(
      "ERR_HTTP_UPGRADE",
      `Cannot upgrade to ${protocol}: the client did not offer it`,
      { status: 426 },
    );
  }
  if (exchange.responded) {
    throw netError("ERR_HTTP_UPGRADE", "Cannot upgrade: the request was answered before");
  }
  const given = options.headers === undefined ? [] : readHeaders(options.headers);
  for (let at = 0; at < given.length; at += 2) {
    const name = given[at]!.toLowerCase();
    if (name !== "connection" && name !== "upgrade") continue;
    throw netError(
      "ERR_HTTP_INVALID_HEADER",
      `Cannot add ${name} to a switch: it says that itself`,
    );
  }
  const response = makeResponse({
    status: 101,
    statusText: "",
    fields: Fields.of(["connection", "Upgrade", "upgrade", protocol, ...given]),
    body: null,
    url: "",
    redirected: false,
  });
  return exchange.prepareSwitch(response);
}
