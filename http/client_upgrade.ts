/** Connections that leave the client's pool for another protocol. @module */

import { checkSignal } from "../_core/abort.ts";
import { netError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { TcpSocket } from "../tcp/mod.ts";
import { TlsSocket } from "../tls/mod.ts";
import { PROTOCOL } from "./_engine/grammar.ts";
import type { Outcome, Switched } from "./client_call.ts";
import { type FieldsInput, flatFields, type RequestPlan } from "./client_request.ts";
import { makeResponse } from "./response.ts";

/** How to ask for another protocol. */
export interface UpgradeRequest {
  /** The protocol, as in `Upgrade`: `websocket`. */
  protocol: string;
  /** Header fields besides `Connection` and `Upgrade`. */
  headers?: FieldsInput;
  /** Ends the attempt with the signal's reason. */
  signal?: AbortSignal;
}

/** What a server said when it was asked to switch. */
export interface ClientUpgrade {
  /** The response: 101 when it did, with the body of any other. */
  response: Response;
  /** The connection, a TlsSocket for https; null when the server did not switch. */
  socket: TcpSocket | TlsSocket | null;
}

/** Starts the call for an upgrade. */
type StartCall = (plan: RequestPlan, signal: AbortSignal | null, outcome: Outcome) => void;

/** Asks for another protocol by a call. */
export function openUpgrade(
  url: string | URL,
  { protocol, headers, signal }: UpgradeRequest,
  start: StartCall,
): Promise<ClientUpgrade> {
  return new Promise((resolve, reject) => {
    try {
      if (typeof protocol !== "string" || !PROTOCOL.test(protocol)) {
        throw netError("ERR_INVALID_ARG_VALUE", `Cannot upgrade to ${JSON.stringify(protocol)}`);
      }
      const fields = flatFields(headers);
      const plan = {
        method: "GET",
        fields,
        content: null,
        expectContinue: false,
        upgrade: protocol,
      };
      start(plan, checkSignal(signal) ?? null, {
        resolve: (response) => resolve({ response, socket: null }),
        reject,
        switched: (switched) => resolve(switchedTo(switched, String(url))),
      });
    } catch (error) {
      reject(error);
    }
  });
}

function switchedTo({ head, early, stream }: Switched, url: string): ClientUpgrade {
  const response = makeResponse({
    status: head.status,
    statusText: head.reason,
    fields: head.fields,
    body: null,
    url,
    redirected: false,
  });
  return { response, socket: socketOver(stream, early) };
}

/** A socket over an open stream, with bytes of it that were read before. */
function socketOver(stream: ByteStream, early: Uint8Array): TcpSocket | TlsSocket {
  const socket = "session" in stream ? new TlsSocket() : new TcpSocket();
  const { connection } = partsOf(socket);
  if (early.length > 0) connection.reads.unshift(early);
  connection.open(stream);
  return socket;
}
