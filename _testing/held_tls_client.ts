/** A TLS client whose last messages of the handshake are held back. @module */

import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { concat } from "../_core/bytes.ts";
import { testCertificates } from "./tls_certificates.ts";

/** A client for which the handshake is done. */
export interface HeldTlsClient {
  readonly session: TLSSocket;
  /** Sends at once what it has written since the server's answer, the last of the handshake first. */
  leave(): void;
}

/** Does a handshake over a socket, as far as the client is concerned. */
export async function heldTlsClient(raw: Socket): Promise<HeldTlsClient> {
  const held: Uint8Array[] = [];
  let holds = false;
  const below = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      if (holds) held.push(chunk);
      else raw.write(chunk);
      done();
    },
  });
  raw.on("error", () => {}).on("data", (chunk) => {
    holds = true;
    below.push(chunk);
  });
  const { authority } = await testCertificates();
  const session = connect({ socket: below, ca: authority.cert, servername: "localhost" });
  await once(session, "secureConnect");
  return { session, leave: () => void raw.write(concat(held)) };
}
