/** Our servers for foreign clients. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import {
  createServer,
  type NetError,
  type TlsServer,
  type TlsServerOptions,
  type TlsSocket,
} from "@netstd/net/tls";

/** One line about a session, for the client to show; then whatever comes back. */
function introduce(socket: TlsSocket): void {
  const { servername, alpnProtocol, protocol, authorized, peerCertificate } = socket;
  const name = peerCertificate?.subject.CN ?? "nobody";
  socket.write(`${servername ?? "-"} ${alpnProtocol ?? "-"} ${protocol} ${name} ${authorized}\n`);
  socket.pipe(socket);
}

/** A server that introduces itself, or does what it is given. */
export async function serve(
  options: TlsServerOptions,
  listener: (socket: TlsSocket) => void = introduce,
): Promise<TlsServer & { readonly port: number }> {
  const server = createServer(options, (socket) => {
    // What becomes of a session, each case asks of its `closed`.
    socket.on("error", () => {});
    listener(socket);
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { address } = server;
  assert(address?.transport === "tcp");
  return Object.assign(server, { port: address.port });
}

/** The next handshake that fails. */
export function refusal(server: TlsServer): Promise<NetError> {
  return new Promise((resolve) => server.once("tlsClientError", (error) => resolve(error)));
}

/** The next session. */
export function session(server: TlsServer): Promise<TlsSocket> {
  return new Promise((resolve) => server.once("secureConnection", resolve));
}
