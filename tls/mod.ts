/**
 * TLS (RFC 8446, and RFC 5246 for version 1.2): servers and clients with all that TCP's sockets
 * have, STARTTLS, client certificates, several certificates by name, and certificates for
 * development in one call; the same in Deno and in Node.
 *
 * `opened` and `secureConnect` come after the peer was verified. Errors carry one small set of codes
 * in both runtimes, the engine's own error in `cause`. A client that dies in the handshake, is
 * silent or speaks something else never touches the others.
 *
 * In Deno, clients stand on `Deno.startTls` unless an option needs `node:tls`; servers stand on
 * `node:tls` in both.
 *
 * @example
 * ```ts
 * import { connect, createSelfSigned, createServer } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const { key, cert } = await createSelfSigned(["localhost"]);
 * await using server = createServer({ key, cert }, (socket) => socket.pipe(socket));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * await using socket = connect(server.address, { ca: cert, servername: "localhost" });
 * socket.write("hello");
 * assertEquals(new TextDecoder().decode((await socket.read())!), "hello");
 * ```
 *
 * @module
 */

export type { PeerCertificate, TlsVersion } from "../_runtime/tls.ts";
export {
  type CloseOptions,
  type ConnectOptions,
  type ConnectTarget,
  type Data,
  type DropInfo,
  type ListenTarget,
  NetError,
  type NetErrorOptions,
  type PipeDestination,
  ProtocolError,
  type ReadyState,
  type SocketAddress,
  type SocketInfo,
  type TcpAddress,
  type TcpListenOptions,
  TcpServer,
  type TcpServerEvents,
  type TcpServerOptions,
  TcpSocket,
  type TcpSocketEvents,
  type TcpSocketOptions,
  type TcpTarget,
  TransportError,
  type UnixAddress,
  type UnixListenOptions,
  type UnixTarget,
  UsageError,
  type WaitOptions,
} from "../tcp/mod.ts";
export {
  type AuthorityOptions,
  type Certificate,
  type CertificateOptions,
  createCertificateAuthority,
  createSelfSigned,
  issueCertificate,
  type ValidityOptions,
} from "./certificates.ts";
export { connect } from "./connect.ts";
export type {
  ChooseIdentity,
  Identity,
  Pem,
  TlsClientOptions,
  TlsConnectOptions,
  TlsOptions,
  TlsServerOptions,
  TlsServerSideOptions,
} from "./options.ts";
export {
  createServer,
  type SecureConnectionListener,
  TlsServer,
  type TlsServerEvents,
} from "./server.ts";
export { TlsSocket, type TlsSocketEvents } from "./socket.ts";
export {
  startTls,
  type StartTlsClientOptions,
  type StartTlsOptions,
  type StartTlsServerOptions,
} from "./start_tls.ts";
