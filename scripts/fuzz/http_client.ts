/** Fuzzes the client's engine: a request out, whatever a server may send in. @module */

import type { NetError } from "../../_core/errors.ts";
import { latin1 } from "../../_core/text.ts";
import {
  ClientEngine,
  type ClientEngineSink,
  type RequestMessage,
} from "../../http/_engine/client_engine.ts";
import type { Fields } from "../../http/_engine/fields.ts";
import type { ResponseHead } from "../../http/_engine/message.ts";
import { RESPONSE_BYTES, WORDS } from "./http_samples.ts";
import { mutated, split } from "./mutate.ts";
import { Random } from "../random.ts";
import { type Input, rule, sameBeginning, sameLog, type Target } from "./target.ts";

const METHODS = ["GET", "HEAD", "POST", "CONNECT", "OPTIONS"];

function messageOf(random: Random): RequestMessage {
  const method = random.pick(METHODS);
  const upgrade = random.oneIn(4) ? "websocket" : null;
  const expectsContinue = method === "POST" && random.oneIn(2);
  return {
    method,
    head: `${method} / HTTP/1.1\r\nhost: a.test\r\n\r\n`,
    framing: method === "POST" ? { kind: "length", length: 5 } : { kind: "none" },
    close: random.oneIn(4),
    expectsContinue,
    upgrade,
  };
}

/** An engine with one exchange, and a log of it up to its end. */
class Rig implements ClientEngineSink {
  readonly log: string[] = [];
  over = false;
  /** The content that came before the connection failed. */
  begun = "";
  /** Whether the response has come to an end: what follows depends on when it comes. */
  done = false;
  readonly #engine: ClientEngine;
  readonly #random: Random;
  #body = "";
  #began = false;
  #sent = 0;

  constructor(random: Random) {
    this.#random = random;
    const wide = random.oneIn(2);
    this.#engine = new ClientEngine(this, {
      maxStartLine: wide ? 8192 : 30,
      maxHead: wide ? 16_384 : 150,
      maxFields: wide ? 100 : 4,
      maxBody: wide ? 1e6 : 20,
      maxChunkExtensions: wide ? 256 : 4,
      maxTrailers: wide ? 4096 : 10,
      maxInformational: 3,
    });
    this.#send();
  }

  receive(chunk: Uint8Array): void {
    this.#engine.receive(chunk);
    chunk.fill(0x5a);
  }

  end(): void {
    this.#engine.receiveEnd();
    rule(this.over, "an end of input that is no end of the connection");
    this.#flush();
  }

  onInformational(head: ResponseHead): void {
    this.#note(`interim ${head.status}`);
  }

  onContinue(): void {
    this.#note("continue");
    this.#content();
  }

  onResponse(head: ResponseHead): void {
    this.#note(`${head.status} ${head.reason} ${head.framing.kind} ${[...head.fields].join("|")}`);
    rule(!this.#began, "two responses to one request");
    this.#began = true;
  }

  onContent(chunk: Uint8Array): void {
    rule(this.#began && !this.over, "content without a response");
    rule(chunk.length > 0, "empty content");
    this.#body += latin1(chunk, 0, chunk.length);
  }

  onResponseEnd(trailers: Fields | null): void {
    rule(this.#began, "an end without a response");
    this.#began = false;
    this.#note(`end ${trailers === null ? "" : [...trailers].join("|")}`);
    this.done = true;
  }

  onFree(): void {
    rule(this.done, "free before the response has come");
    // Its log is over, but no later exchange may break the engine either.
    if (this.#sent < 4) this.#send();
  }

  onFailure(error: NetError): void {
    rule(/^ERR_HTTP_/.test(error.code), `an odd code: ${error.code}`);
    this.begun = this.#body;
    this.#body = "";
    this.#end(error.code);
  }

  onSwitch(head: ResponseHead): void {
    this.#end(`switch ${head.status}`);
  }

  onOver(): void {
    rule(this.done || this.#engine.sending, "over, and nobody was told why");
    this.#end("over");
  }

  write(): void {
    rule(!this.over, "written after its end");
  }

  #send(): void {
    const message = messageOf(this.#random);
    this.#sent += 1;
    this.#engine.send(message, null);
    if (message.framing.kind === "length" && !message.expectsContinue) this.#content();
  }

  #content(): void {
    rule(this.#engine.sendContent(new Uint8Array(5)), "content that was announced is refused");
    rule(this.#engine.sendEnd(), "content that is whole is refused");
  }

  #end(event: string): void {
    rule(!this.over, "over twice");
    this.#note(event);
    this.over = true;
  }

  #flush(): void {
    if (this.#body !== "" && !this.done) this.log.push(`body ${this.#body}`);
    this.#body = "";
  }

  #note(event: string): void {
    rule(!this.over, `told after its end: ${event}`);
    this.#flush();
    if (!this.done) this.log.push(event);
  }
}

function run(pieces: readonly Uint8Array[], { seed }: Input): Rig {
  const rig = new Rig(new Random(seed));
  for (const piece of pieces) rig.receive(piece.slice());
  rig.end();
  return rig;
}

/** See the module's text. */
export const httpClient: Target = {
  name: "http-client",
  make: (random) => mutated(RESPONSE_BYTES, WORDS, random),
  judge(input) {
    const { bytes, seed } = input;
    const whole = run([bytes], input);
    const random = new Random(seed ^ 0x5bd1e995);
    for (const pieces of [split(bytes, random), split(bytes, random)]) {
      const cut = run(pieces, input);
      sameLog(`cut ${pieces.map(({ length }) => length)}`, whole.log, cut.log);
      sameBeginning(whole.begun, cut.begun);
    }
  },
};
