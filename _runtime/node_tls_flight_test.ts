import { assertEquals } from "@std/assert";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import * as tls from "node:tls";
import { heldTlsClient } from "../_testing/held_tls_client.ts";
import { IN_BUN } from "../_testing/in_bun.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { nodePair } from "../_testing/node_pair.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { whenFlightIsLost } from "./node_tls_flight.ts";

/** Others tell of the reset by themselves, and have no such handles. */
const inNode = { ignore: IN_DENO || IN_BUN };

/** A server's session whose client has left with its last messages, and how often its flight is lost. */
async function afterHandshake(leave: (raw: Socket) => void) {
  const { server: identity } = await testCertificates();
  const [raw, below] = await nodePair();
  const server = new tls.Server(identity);
  let lost = 0;
  const opened = new Promise<tls.TLSSocket>((resolve) =>
    server.on("secureConnection", (session: tls.TLSSocket) => {
      whenFlightIsLost(session, below, () => lost++);
      resolve(session.on("error", () => {}));
    })
  );
  server.emit("connection", below);
  const client = await heldTlsClient(raw);
  client.leave();
  leave(raw);
  const session = await opened;
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  for (const socket of [client.session, session, raw]) socket.destroy();
  return lost;
}

Deno.test("whenFlightIsLost() acts when the peer has reset the connection", inNode, async () => {
  assertEquals(await afterHandshake((raw) => raw.resetAndDestroy()), 1);
});

Deno.test("whenFlightIsLost() leaves a session alone that is well", inNode, async () => {
  assertEquals(await afterHandshake(() => {}), 0);
});
