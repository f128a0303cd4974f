/**
 * A listener over `Deno.Listener`: one accept loop that survives everything but its own close.
 * Deno's `accept()` throws when a client is gone before it was accepted, and over and over when
 * the process is out of descriptors.
 *
 * @module
 */

import type { SocketAddress } from "../_core/address.ts";
import { throwLater } from "../_core/emitter.ts";
import type { Listener, ListenerSink } from "../_io/stream.ts";
import { nextTurn, systemClock } from "./clock.ts";
import { denoAddress, DenoStream } from "./deno_stream.ts";
import { mapError } from "./map_error.ts";
import type { SocketSettings } from "./runtime.ts";

/** The wait in ms after a failed accept: it doubles from the first to the last. */
const FIRST_WAIT = 5;
const LAST_WAIT = 1000;

/** Accepts, failed ones too, before the others have a turn: Deno answers many without one. */
const ACCEPTS_IN_A_TURN = 32;

/** What went wrong with a single client rather than with accepting. */
const CLIENT_GONE: readonly string[] = ["ENOTCONN", "ECONNABORTED", "ECONNRESET", "EINVAL"];

/** See the module's text. */
export class DenoListener implements Listener {
  readonly address: SocketAddress;
  readonly #listener: Deno.Listener;
  readonly #sink: ListenerSink;
  readonly #settings: SocketSettings | null;
  readonly #stopped: Promise<void>;
  #closed = false;
  #unref = false;
  #cancelWait: (() => void) | null = null;

  /** Takes over a listener and starts to accept. */
  constructor(listener: Deno.Listener, sink: ListenerSink, settings: SocketSettings | null) {
    this.#listener = listener;
    this.#sink = sink;
    this.#settings = settings;
    this.address = denoAddress(listener.addr);
    this.#stopped = this.#acceptLoop();
  }

  /** Resolves once the pending accept has given up the address. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#cancelWait?.();
      this.#listener.close();
    }
    await this.#stopped;
  }

  ref(): void {
    this.#unref = false;
    this.#listener.ref();
  }

  unref(): void {
    this.#unref = true;
    this.#listener.unref();
  }

  async #acceptLoop(): Promise<void> {
    let wait = FIRST_WAIT;
    for (let accepts = 1; !this.#closed; accepts++) {
      if (accepts % ACCEPTS_IN_A_TURN === 0) await nextTurn();
      let conn: Deno.Conn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (this.#closed) return;
        const { code } = mapError(error, { syscall: "accept" });
        this.#sink.onDrop({ reason: code, localAddress: this.address });
        if (CLIENT_GONE.includes(code)) continue;
        await this.#pause(wait);
        wait = Math.min(2 * wait, LAST_WAIT);
        continue;
      }
      wait = FIRST_WAIT;
      try {
        this.#take(conn);
      } catch (error) {
        // A mistake above is told as one, and ends no accepting.
        throwLater(error);
      }
    }
  }

  #take(conn: Deno.Conn): void {
    if (this.#closed) return conn.close();
    const stream = new DenoStream(conn);
    if (this.#settings?.noDelay) stream.setNoDelay(true);
    if (this.#settings?.keepAlive) stream.setKeepAlive(true, this.#settings.keepAliveDelay);
    this.#sink.onConnection(stream);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // Nothing else holds the process while no accept is pending.
      const cancel = systemClock.schedule(resolve, ms, !this.#unref);
      this.#cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
