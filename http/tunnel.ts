/** Asking a proxy for a tunnel: CONNECT (RFC 9110, section 9.3.6). @module */

import { netError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";
import { fieldLine, requestLine } from "./_engine/head_writer.ts";
import type { ResponseHead } from "./_engine/message.ts";
import { ClientConnection } from "./client_connection.ts";
import type { ClientExchange } from "./client_exchange.ts";
import type { ClientSettings } from "./client_options.ts";
import type { Origin } from "./origin.ts";
import type { Proxy } from "./proxy.ts";

/** A tunnel that is there. */
export interface Tunnel {
  /** The first bytes through it. */
  readonly early: Uint8Array;
}

function connectMessage(origin: Origin, authorization: string | null): RequestMessage {
  const host = origin.hostname.includes(":") ? `[${origin.hostname}]` : origin.hostname;
  const target = `${host}:${origin.port}`;
  const credentials = authorization === null ? "" : fieldLine("proxy-authorization", authorization);
  return {
    method: "CONNECT",
    head: `${requestLine("CONNECT", target)}host: ${target}\r\n${credentials}\r\n`,
    framing: { kind: "none" },
    close: false,
    expectsContinue: false,
    upgrade: null,
  };
}

/** Asks for a tunnel on a stream to a proxy; rejects when the proxy refuses, or with the reason. */
export function askTunnel(
  stream: ByteStream,
  { origin, proxy }: { origin: Origin; proxy: Proxy },
  settings: ClientSettings,
  signal: AbortSignal,
): Promise<Tunnel> {
  return new Promise((resolve, reject) => {
    const nothing = () => {};
    const keeper = {
      settings,
      timers: sharedTimers,
      onFree: (connection: ClientConnection) => connection.close(),
      onGone: nothing,
      onReleased: nothing,
    };
    const connection = new ClientConnection(keeper, stream);
    const onAbort = () => connection.destroy(signal.reason);
    const over = () => signal.removeEventListener("abort", onAbort);
    const exchange: ClientExchange = {
      message: connectMessage(origin, proxy.authorization),
      content: null,
      carriedBy: nothing,
      unread: false,
      onInformational: nothing,
      onResponse(head: ResponseHead) {
        over();
        connection.close();
        const message = `Cannot connect to ${origin.host} through the proxy: it answered ` +
          `${head.status} ${head.reason}`.trimEnd();
        reject(netError("ERR_HTTP_PROXY_REFUSED", message, { hostname: proxy.origin.hostname }));
      },
      onContent: nothing,
      onResponseEnd: nothing,
      onFailure(error) {
        over();
        reject(error);
      },
      onSwitch(_head, early) {
        over();
        resolve({ early });
      },
    };
    signal.addEventListener("abort", onAbort);
    connection.begin(exchange);
    if (signal.aborted) onAbort();
  });
}
