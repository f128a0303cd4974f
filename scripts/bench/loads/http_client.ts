import type { Load, LoadFactory } from "./load.ts";

const MIB = 1024 * 1024;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** What a client is told to do. */
interface Order {
  readonly method: string;
  readonly concurrency: number;
  /** Bytes of the request's content, and of the response's. */
  readonly bytes: number;
  readonly answer: number;
}

function answerOf(bytes: number): Uint8Array {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n" +
    `date: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-length: ${bytes}\r\n\r\n`;
  return encoder.encode(head + "x".repeat(bytes));
}

/** A server that answers whatever it is asked by the same bytes. */
class Server {
  answers = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #answer: Uint8Array;

  constructor(answer: Uint8Array) {
    this.#answer = answer;
    this.#accept();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}/`;
  }

  close(): void {
    this.#listener.close();
    for (const conn of this.#conns) conn.close();
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        conn.setNoDelay(true);
        this.#conns.add(conn);
        // A client that is told to stop leaves in the middle.
        this.#serve(conn).catch(() => {});
      }
    } catch {
      // Closed.
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    let text = "";
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return;
      // The server shall not be what is measured: a GET that came alone is not looked into.
      if (text === "" && isPlainGet(buffer, count)) {
        await this.#write(conn);
        this.answers += 1;
        continue;
      }
      text += decoder.decode(buffer.subarray(0, count));
      for (let size = sizeOf(text); size > 0; size = sizeOf(text)) {
        text = text.slice(size);
        await this.#write(conn);
        this.answers += 1;
      }
    }
  }

  async #write(conn: Deno.TcpConn): Promise<void> {
    let sent = 0;
    while (sent < this.#answer.length) {
      sent += await conn.write(sent === 0 ? this.#answer : this.#answer.subarray(sent));
    }
  }
}

const G = 71;
const CR = 13;

/** Whether bytes begin by a G, and end by an empty line that is the first one. */
function isPlainGet(bytes: Uint8Array, count: number): boolean {
  if (bytes[0] !== G || bytes[count - 2] !== CR || bytes[count - 4] !== CR) return false;
  for (let at = bytes.indexOf(CR); at < count - 4; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 2] === CR) return false;
  }
  return true;
}

/** Letters of the first request in a text; 0 when it is not whole. */
function sizeOf(text: string): number {
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end === 3) return 0;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? "0";
  const size = end + Number(length);
  return text.length >= size ? size : 0;
}

/** The client listens on a port for its orders: the roles are the other way round here. */
function order(order: Order, unit: number): LoadFactory {
  return async (port: number): Promise<Load> => {
    const server = new Server(answerOf(order.answer));
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await client.write(encoder.encode(JSON.stringify({ ...order, url: server.url })));
    return {
      operations: () => server.answers * unit,
      close() {
        client.close();
        server.close();
      },
    };
  };
}

const get = { method: "GET", bytes: 0, answer: 13 };

export const httpClientLoads: Readonly<Record<string, LoadFactory>> = {
  "httpClient.get1": order({ ...get, concurrency: 1 }, 1),
  "httpClient.get50": order({ ...get, concurrency: 50 }, 1),
  "httpClient.post": order({ method: "POST", concurrency: 50, bytes: 1024, answer: 13 }, 1),
  "httpClient.download": order({ ...get, concurrency: 2, answer: 10 * MIB }, 10),
};
