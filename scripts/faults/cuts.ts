/**
 * Every protocol through a proxy that cuts connections anywhere: a client sees the whole message or
 * an error, never a part that looks like the whole, and never nothing at all.
 *
 * @module
 */

import { NetError } from "@netstd/net/tcp";
import * as tcp from "@netstd/net/tcp";
import * as tls from "@netstd/net/tls";
import * as http from "@netstd/net/http";
import * as websocket from "@netstd/net/websocket";
import { Random } from "../random.ts";
import { begins, type Case, pattern, repeat, rule, within } from "./check.ts";
import { FaultProxy } from "./proxy.ts";

/** Sizes around what buffers, frames and TLS records hold. */
const SIZES = [0, 1, 100, 16_383, 16_384, 65_535, 65_537, 300_000];
const MOST = Math.max(...SIZES);
const PATTERN = pattern(MOST, 1);

/** The longest that one exchange may take, in ms, on a machine that is busy. */
const PATIENCE = 20_000;
const AT_ONCE = 16;

/** What a case counts. */
class Tally {
  whole = 0;
  failed = 0;
  readonly codes = new Map<string, number>();

  fail(error: unknown): void {
    rule(error instanceof NetError, `an error that is none of ours: ${error}`);
    this.failed += 1;
    this.codes.set(error.code, (this.codes.get(error.code) ?? 0) + 1);
  }

  text(proxy: FaultProxy): string {
    const codes = [...this.codes].map(([code, count]) => `${code} ${count}`).join(", ");
    rule(this.whole > 0, `nothing got through: ${codes}`);
    rule(this.failed > 0, "nothing was cut");
    const cuts = [...proxy.cuts.values()].reduce((sum, count) => sum + count, 0);
    return `${this.whole} whole, ${this.failed} failed, ${cuts} cuts (${codes})`;
  }
}

const { key, cert } = await tls.createSelfSigned(["localhost", "127.0.0.1"]);

/** Node tells the end of TLS from a cut only up to TLS 1.2. */
const STRICT = {
  ca: cert,
  servername: "localhost",
  strictClose: true,
  maxVersion: "TLSv1.2",
} as const;

function portOf(server: { readonly address: tcp.SocketAddress }): number {
  const { address } = server;
  rule(address.transport === "tcp", "not a port");
  return address.port;
}

/** Reads a socket to its end; gives what came, and what it failed with. */
async function drain(socket: tcp.TcpSocket): Promise<[Uint8Array, unknown]> {
  const chunks: Uint8Array[] = [];
  let error: unknown = null;
  try {
    for await (const chunk of socket) chunks.push(chunk);
    await socket.closed;
  } catch (reason) {
    error = reason;
  }
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
  return [whole, error];
}

/** An echo over sockets; the end of a plain TCP stream says nothing, that of TLS says a lot. */
function sockets(name: string, secure: boolean): Case {
  return {
    name,
    async run({ ms, seed }) {
      const listener = (socket: tcp.TcpSocket) => void socket.pipe(socket);
      const options = { allowHalfOpen: true };
      await using server = secure
        ? tls.createServer({ ...options, key, cert }, listener)
        : tcp.createServer(options, listener);
      server.on("clientError", () => {});
      await server.listen({ hostname: "127.0.0.1", port: 0 });
      await using proxy = new FaultProxy(portOf(server), seed, 2 * MOST);
      const port = await proxy.listen();
      const tally = new Tally();
      const random = new Random(seed);
      await repeat(ms, AT_ONCE, async () => {
        const size = random.pick(SIZES);
        const target = { hostname: "127.0.0.1", port };
        const socket = secure ? tls.connect(target, STRICT) : tcp.connect(target);
        socket.end(PATTERN.subarray(0, size));
        const [bytes, error] = await within(PATIENCE, `${name} of ${size}`, drain(socket));
        rule(begins(bytes, PATTERN), `${bytes.length} bytes came that nobody sent`);
        rule(bytes.length <= size, `${bytes.length} of ${size} bytes came`);
        if (error !== null) return tally.fail(error);
        if (secure) rule(bytes.length === size, `a clean end after ${bytes.length} of ${size}`);
        if (bytes.length === size) tally.whole += 1;
        else tally.failed += 1;
      });
      return tally.text(proxy);
    },
  };
}

/** A server that knows how often it did what it was asked for. */
class HttpTarget {
  readonly done = new Map<string, number>();

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const id = url.searchParams.get("id")!;
    const size = Number(url.searchParams.get("size"));
    this.done.set(id, (this.done.get(id) ?? 0) + 1);
    if (request.method === "POST") {
      const bytes = new Uint8Array(await request.arrayBuffer());
      rule(bytes.length === size && begins(bytes, PATTERN), `the server read ${bytes.length}`);
      return new http.Response(bytes);
    }
    const bytes = PATTERN.subarray(0, size);
    if (url.pathname === "/whole") return new http.Response(bytes);
    return new http.Response(
      new ReadableStream({
        start(controller) {
          for (let at = 0; at < size; at += 10_000) {
            controller.enqueue(bytes.slice(at, at + 10_000));
          }
          controller.close();
        },
      }),
    );
  }
}

function requests(name: string, secure: boolean): Case {
  return {
    name,
    async run({ ms, seed }) {
      const target = new HttpTarget();
      const faults: unknown[] = [];
      const options = {
        hostname: "127.0.0.1",
        port: 0,
        onError(error: unknown) {
          if (!(error instanceof NetError)) faults.push(error);
          return new http.Response("", { status: 500 });
        },
        ...(secure ? { tls: { key, cert } } : {}),
      };
      await using server = http.serve(options, (request) => target.handle(request));
      server.on("clientError", () => {});
      await using proxy = new FaultProxy((await server.opened).port!, seed, 2 * MOST);
      const port = await proxy.listen();
      const tally = new Tally();
      await using client = new http.HttpClient({ ca: cert, maxSockets: AT_ONCE });
      const random = new Random(seed);
      await repeat(ms, AT_ONCE, async (round) => {
        const size = random.pick(SIZES);
        const method = random.pick(["GET", "POST"]);
        const path = random.pick(["whole", "stream"]);
        const url = `${
          secure ? "https" : "http"
        }://127.0.0.1:${port}/${path}?id=${round}&size=${size}`;
        const body = method === "POST" ? PATTERN.slice(0, size) : null;
        const exchange = async () => {
          const response = await client.fetch(url, { method, body });
          return [response.status, new Uint8Array(await response.arrayBuffer())] as const;
        };
        try {
          const [status, bytes] = await within(PATIENCE, `${method} ${url}`, exchange());
          rule(status === 200, `the status ${status}`);
          rule(bytes.length === size, `${bytes.length} of ${size} bytes look whole`);
          rule(begins(bytes, PATTERN), "the bytes are not those that were sent");
          tally.whole += 1;
        } catch (error) {
          tally.fail(error);
        }
        const times = target.done.get(`${round}`) ?? 0;
        rule(method === "GET" || times <= 1, `the server was asked ${times} times to do it once`);
      });
      rule(faults.length === 0, `the server's handler: ${faults[0]}`);
      return tally.text(proxy);
    },
  };
}

function messages(name: string, secure: boolean): Case {
  return {
    name,
    async run({ ms, seed }) {
      const options = { hostname: "127.0.0.1", port: 0, ...(secure ? { tls: { key, cert } } : {}) };
      await using server = websocket.serve(options, (connection) => {
        connection.on("message", (message) => connection.send(message));
        connection.on("error", () => {});
      });
      await using proxy = new FaultProxy((await server.opened).port!, seed, MOST);
      const port = await proxy.listen();
      const tally = new Tally();
      const random = new Random(seed);
      await repeat(ms, AT_ONCE, async () => {
        const sizes = Array.from({ length: 1 + random.below(6) }, () => random.pick(SIZES));
        const url = `${secure ? "wss" : "ws"}://127.0.0.1:${port}/`;
        const connection = websocket.connect(url, { client: { ca: cert } });
        const talk = async () => {
          for (const size of sizes) connection.send(PATTERN.slice(0, size));
          let came = 0;
          for await (const message of connection) {
            rule(typeof message !== "string", "a text came that nobody sent");
            const size = sizes[came++];
            rule(message.length === size, `${message.length} bytes of ${size} look whole`);
            rule(begins(message, PATTERN), "the bytes are not those that were sent");
            if (came === sizes.length) break;
          }
          return came;
        };
        try {
          const came = await within(PATIENCE, `${name} of ${sizes}`, talk());
          const { wasClean } = await within(PATIENCE, "closing", connection.closed);
          rule(!wasClean || came === sizes.length, `clean after ${came} of ${sizes.length}`);
          if (came === sizes.length) tally.whole += 1;
          else tally.failed += 1;
        } catch (error) {
          tally.fail(error);
        }
      });
      return tally.text(proxy);
    },
  };
}

/** See the module's text. */
export const cuts: readonly Case[] = [
  sockets("cut-tcp", false),
  sockets("cut-tls", true),
  requests("cut-http", false),
  requests("cut-https", true),
  messages("cut-ws", false),
  messages("cut-wss", true),
];
