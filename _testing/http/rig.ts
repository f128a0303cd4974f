/** An HTTP server's connection over a stream in memory, on a clock that tests move by hand. @module */

import { setImmediate } from "node:timers/promises";
import type { NetError } from "../../_core/errors.ts";
import type { Occupant, ServerPlaces } from "../../_io/socket_parts.ts";
import { TimerQueue } from "../../_io/timers.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type HttpServerOptions, readServerOptions } from "../../http/server_options.ts";
import type { RequestInfo } from "../../http/request_info.ts";
import { ServerConnection } from "../../http/server_connection.ts";
import { type ServerContext, targetUrl } from "../../http/server_context.ts";
import { TcpSocket } from "../../tcp/mod.ts";
import { FakeClock } from "../fake_clock.ts";
import { type MemoryOptions, MemoryStream } from "../memory_stream.ts";
import { RecordingSink } from "../stream_contract.ts";

/** What answers in a rig. */
export type RigHandler = (
  request: Request,
  info: RequestInfo,
  exchange: Exchange,
) => Response | Promise<Response>;

const decoder = new TextDecoder("latin1");

/** One connection, its client's end, and what became of it. */
export class HttpRig implements ServerPlaces {
  readonly clock = new FakeClock();
  readonly connection: ServerConnection;
  readonly near: MemoryStream;
  readonly far: MemoryStream;
  readonly client = new RecordingSink();
  /** What clients did wrong, by code. */
  readonly clientErrors: string[] = [];
  /** What was reported because no response could tell of it. */
  readonly reports: unknown[] = [];
  /** Who has the connection now; null when it was left. */
  occupant: Occupant | null;

  /** Connects a client to a handler. */
  constructor(handler: RigHandler, options: HttpServerOptions & MemoryOptions = {}) {
    [this.near, this.far] = MemoryStream.pair(options);
    this.far.attach(this.client);
    this.far.resume();
    this.connection = new ServerConnection(this.#context(handler, options), this.near, this);
    this.occupant = this.connection;
  }

  /** All that the client got so far, one letter a byte. */
  get text(): string {
    return this.client.chunks.map((chunk) => decoder.decode(chunk)).join("");
  }

  /** The same without the date. */
  get answer(): string {
    return this.text.replace(/date: [^\r]*\r\n/g, "");
  }

  /** Sends text, one letter a byte, and lets the server work on it. */
  async send(text: string): Promise<void> {
    this.far.write(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    await this.turn();
  }

  /** Lets everything happen that is due now. */
  async turn(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await setImmediate();
  }

  /** Moves the clock on, and lets happen what comes due. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.turn();
  }

  leave(): void {
    this.occupant = null;
  }

  passOn(_occupant: Occupant, successor: Occupant): void {
    this.occupant = successor;
  }

  makeSocket(): TcpSocket {
    return new TcpSocket();
  }

  #context(handler: RigHandler, options: HttpServerOptions): ServerContext {
    return {
      settings: readServerOptions(options),
      timers: new TimerQueue(this.clock),
      secure: false,
      dispatch: (exchange) => {
        let answer: Response | Promise<Response>;
        try {
          answer = handler(exchange.request, exchange.info, exchange);
        } catch (error) {
          return exchange.failed(error);
        }
        if (!exchange.answered) exchange.respondWith(answer);
      },
      onError: options.onError ?? (() => new Response("failed", { status: 500 })),
      report: (error) => void this.reports.push(error),
      onClientError: (error: NetError) => void this.clientErrors.push(error.code),
      urlOf: (head, stream) => targetUrl(head, false, stream),
    };
  }
}

/** The head of a request, with Host, and other lines behind it. */
export function get(target = "/", ...lines: string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: a.test", ...lines, "", ""].join("\r\n");
}

/** A request with content. */
export function post(target: string, content: string, ...lines: string[]): string {
  const head = [`POST ${target} HTTP/1.1`, "Host: a.test", `Content-Length: ${content.length}`];
  return [...head, ...lines, "", content].join("\r\n");
}
