/** A stream of a connection that we opened, which Deno's own TLS can take over. @module */

import { DenoStream } from "./deno_stream.ts";

/** See the module's text. */
export class DialedStream extends DenoStream {
  readonly #conn: Deno.TcpConn;
  #untouched = true;

  /** Takes over a connection. */
  constructor(conn: Deno.TcpConn) {
    super(conn);
    this.#conn = conn;
  }

  /**
   * The connection, if nothing was ever read: Deno destroys one that is given to TLS while a read
   * is pending, and a read cannot be called off. The stream is of no use from then on.
   */
  release(): Deno.TcpConn | null {
    return this.#untouched ? this.#conn : null;
  }

  override resume(): void {
    this.#untouched = false;
    super.resume();
  }
}
