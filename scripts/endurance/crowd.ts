/** Thousands of clients that keep their connections and ask for little. @module */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const REQUEST = encoder.encode("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
const SLOW_HEAD = encoder.encode("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");

/** Connects in groups of this size: a listener's backlog does not take thousands at once. */
const GROUP = 100;

/** See the module's text. */
export class Crowd implements Disposable {
  readonly #port: number;
  readonly #conns: Deno.TcpConn[] = [];
  readonly #ends: Promise<void>[] = [];
  readonly #waits: number[] = [];
  readonly #answers = new Set<string>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** So many clients ask once, get their answer, and keep the connection. */
  askOnce(clients: number): Promise<void> {
    return this.#join(clients, async (conn) => {
      await conn.write(REQUEST);
      await conn.read(new Uint8Array(1024));
    });
  }

  /** So many clients send a head byte by byte, one every `interval` ms. */
  trickle(clients: number, interval: number): Promise<void> {
    return this.#join(clients, async (conn) => {
      let at = 0;
      const next = async () => {
        await conn.write(SLOW_HEAD.subarray(at, ++at));
      };
      await next();
      // What cannot be sent any more is no news: the server has closed the connection.
      this.#timers.push(setInterval(() => void next().catch(() => {}), interval));
    });
  }

  /** Resolves when the server has closed all of them. */
  async closed(): Promise<void> {
    await Promise.all(this.#ends);
  }

  /** The shortest and the longest that a client was let wait, in ms. */
  closedAfter(): [first: number, last: number] {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return [sorted[0] ?? NaN, sorted.at(-1) ?? NaN];
  }

  /** What the clients were told before they were let go: the different status lines. */
  answers(): string[] {
    return [...this.#answers];
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const conn of this.#conns) conn.close();
  }

  async #join(clients: number, begin: (conn: Deno.TcpConn) => Promise<void>): Promise<void> {
    for (let left = clients; left > 0; left -= GROUP) {
      await Promise.all(
        Array.from({ length: Math.min(GROUP, left) }, async () => {
          const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
          this.#conns.push(conn);
          await begin(conn);
          this.#ends.push(this.#end(conn));
        }),
      );
    }
  }

  async #end(conn: Deno.TcpConn): Promise<void> {
    const began = performance.now();
    const buffer = new Uint8Array(256);
    try {
      for (;;) {
        const count = await conn.read(buffer);
        if (count === null) break;
        this.#answers.add(decoder.decode(buffer.subarray(0, count)).split("\r\n")[0]!);
      }
    } catch {
      // A reset is an end as well.
    }
    this.#waits.push(performance.now() - began);
  }
}
