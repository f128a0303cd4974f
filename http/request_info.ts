/** What a handler gets besides the request. @module */

import type { SocketAddress } from "../_core/address.ts";
import type { SecureStream, SessionInfo } from "../_runtime/tls.ts";
import type { PeerCertificate } from "../tls/mod.ts";
import type { Exchange } from "./exchange.ts";
import type { HeadersInput } from "./platform.ts";
import { switchProtocol } from "./switch_protocol.ts";
import type { Upgrade, UpgradeOptions } from "./upgrade.ts";

/** An end of a connection, as this package and as Deno name its parts. */
export type EndAddress = SocketAddress & {
  /** The IP address again, by the name that `Deno.serve` gives it. */
  readonly hostname?: string;
};

function withHostname(address: SocketAddress | undefined): EndAddress | undefined {
  return address?.transport === "tcp" ? { ...address, hostname: address.address } : address;
}

/**
 * What is known of a request besides what it says, and what can be done besides answering it. The
 * handler's second argument.
 *
 * @example
 * ```ts
 * import { fetch, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (_request, info) => {
 *   info.earlyHints({ link: "</style.css>; rel=preload; as=style" });
 *   return new Response(`You are ${info.remoteAddr?.hostname}`);
 * });
 * const { port } = await server.opened;
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * assertEquals(await response.text(), "You are 127.0.0.1");
 * ```
 */
export class RequestInfo {
  readonly #exchange: Exchange;

  /** Made by the server. */
  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The client's end of the connection. */
  get remoteAddr(): EndAddress | undefined {
    return withHostname(this.#exchange.host.stream.remoteAddress);
  }

  /** The server's end. */
  get localAddr(): EndAddress | undefined {
    return withHostname(this.#exchange.host.stream.localAddress);
  }

  /** Whether the connection is encrypted (HTTPS). */
  get secure(): boolean {
    return this.#exchange.host.context.secure;
  }

  /** The application protocol that the TLS session agreed on, if any. */
  get alpnProtocol(): string | null {
    return this.#session?.alpnProtocol ?? null;
  }

  /** Whether the client showed a certificate that was verified. */
  get authorized(): boolean {
    return this.#session?.authorized ?? false;
  }

  /** The certificate that the client showed, if any. */
  get peerCertificate(): PeerCertificate | undefined {
    return this.#session?.peerCertificate;
  }

  /** The request's HTTP version, `1.0` or `1.1`. */
  get httpVersion(): "1.0" | "1.1" {
    return this.#exchange.head.minor === 0 ? "1.0" : "1.1";
  }

  /** The request target as sent (RFC 9112, section 3.2). */
  get target(): string {
    return this.#exchange.head.target;
  }

  /**
   * Resolves when the response has gone out to the system; rejects with a TransportError or
   * ProtocolError when the client was gone before.
   */
  get completed(): Promise<void> {
    return this.#exchange.completed;
  }

  /**
   * Sends an interim response (RFC 9110, section 15.2) ahead of the response: 102 to 199. To a
   * client of HTTP/1.0, and after the response has begun, nothing is sent. Throws a RangeError
   * (`ERR_HTTP_INVALID_STATUS`) for another status, a TypeError (`ERR_HTTP_INVALID_HEADER`).
   */
  sendInformational(status: number, headers: HeadersInput = {}): void {
    this.#exchange.sendInformational(status, headers);
  }

  /** Sends 103 (Early Hints, RFC 8297), such as links that the page will need. */
  earlyHints(headers: HeadersInput): void {
    this.sendInformational(103, headers);
  }

  /**
   * Answers the request by 101 (Switching Protocols) and gives the socket that carries another
   * protocol from then on: the same as `upgrade(request, options)`. Throws a UsageError
   * (`ERR_HTTP_UPGRADE`), a TypeError (`ERR_HTTP_INVALID_HEADER`).
   */
  upgrade(options: UpgradeOptions = {}): Upgrade {
    return switchProtocol(this.#exchange, options);
  }

  get #session(): SessionInfo | undefined {
    const { context, stream } = this.#exchange.host;
    return context.secure ? (stream as SecureStream).session : undefined;
  }
}
