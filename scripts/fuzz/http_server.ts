/** Fuzzes the server's engine: requests in, what a handler does, responses out. @module */

import type { NetError } from "../../_core/errors.ts";
import { latin1, utf8 } from "../../_core/text.ts";
import type { Fields } from "../../http/_engine/fields.ts";
import type { RequestHead, ResponseHead } from "../../http/_engine/message.ts";
import { ResponseReader } from "../../http/_engine/response_reader.ts";
import { ServerEngine } from "../../http/_engine/server_engine.ts";
import type { ServerEngineOptions, ServerEngineSink } from "../../http/_engine/server_parts.ts";
import { REQUEST_BYTES, WORDS } from "./http_samples.ts";
import { mutated, split } from "./mutate.ts";
import { Random } from "../random.ts";
import { type Input, LIMIT, rule, sameBeginning, sameLog, type Target } from "./target.ts";

/** When and how the handler answers. */
const MANNERS = ["at once", "at the end", "stream", "echo", "later"] as const;

const READ_ALL = {
  maxStartLine: 1e6,
  maxHead: 1e6,
  maxFields: 1e6,
  maxBody: 1e6,
  maxChunkExtensions: 1e6,
  maxTrailers: 1e6,
};

function optionsOf(random: Random): ServerEngineOptions {
  const wide = random.oneIn(2);
  return {
    maxStartLine: wide ? 8192 : random.pick([20, 100]),
    maxHead: wide ? 16_384 : random.pick([60, 200]),
    maxFields: wide ? 100 : random.pick([2, 6]),
    maxBody: wide ? 1e6 : random.pick([0, 10, 100]),
    maxChunkExtensions: wide ? 256 : random.pick([0, 10]),
    maxTrailers: wide ? 4096 : random.pick([0, 20]),
    maxPipelined: random.pick([0, 100, 4096]),
    maxUnread: random.pick([0, 20, 1e6]),
    keepAliveLines: "",
    date: () => "now",
  };
}

/** An engine with a handler, and a log of what it told and wrote. */
class Rig implements ServerEngineSink {
  readonly log: string[] = [];
  /** The methods that the responses answer, in their order. */
  readonly expected: string[] = [];
  output = "";
  /** The content that came before a violation. */
  begun = "";
  over = false;
  held = false;
  readonly hasRoom = true;
  readonly #engine: ServerEngine;
  readonly #options: ServerEngineOptions;
  readonly #manner: (typeof MANNERS)[number];
  #body = "";
  #head: RequestHead | null = null;
  #complete = false;
  #answered = true;
  #streaming = false;
  refused = false;

  constructor(random: Random) {
    this.#options = optionsOf(random);
    this.#manner = random.pick(MANNERS);
    this.#engine = new ServerEngine(this, this.#options);
  }

  receive(chunk: Uint8Array): void {
    // What is held back is heard of only once the request at work is answered.
    while (this.held && !this.over) this.answer();
    this.#engine.receive(chunk);
    chunk.fill(0x5a);
  }

  end(): void {
    this.#engine.receiveEnd();
    for (let left = 1000; !this.#answered && !this.over && left > 0; left--) this.answer();
    this.#flush();
  }

  /** Whether a request got no answer although it could have had one. */
  get owes(): boolean {
    return this.#complete && !this.#answered && !this.over && !this.refused;
  }

  onRequest(head: RequestHead): void {
    rule(this.#answered, "a request begins before the last is answered");
    this.#note(`${head.method} ${head.target} ${head.framing.kind} ${[...head.fields].join("|")}`);
    this.expected.push(head.method);
    this.#head = head;
    this.#complete = false;
    this.#answered = false;
    this.#body = "";
    if (this.#manner === "at once") this.answer();
    if (this.#manner === "stream" || this.#manner === "echo") this.#beginStream();
  }

  onContent(chunk: Uint8Array): void {
    rule(this.#head !== null && !this.#complete, "content without a request");
    rule(chunk.length > 0, "empty content");
    this.#body += latin1(chunk, 0, chunk.length);
    if (this.#streaming && this.#manner === "echo") this.#engine.sendContent(chunk.slice());
  }

  onRequestEnd(trailers: Fields | null): void {
    rule(!this.#complete, "a request ends twice");
    this.#complete = true;
    this.#note(`end ${trailers === null ? "" : [...trailers].join("|")}`);
    if (this.#streaming) this.#endStream();
    else if (this.#manner === "at the end") this.answer();
  }

  onViolation(error: NetError, answers: boolean): void {
    this.begun = this.#body;
    this.#body = "";
    this.#note(`${error.code} ${answers}`);
    rule(/^ERR_HTTP_/.test(error.code), `an odd code: ${error.code}`);
    rule(!this.refused, "two violations");
    this.refused = true;
    if (answers && this.#answered) this.expected.push("GET");
    if (answers) this.#answered = true;
    else if (this.#streaming) this.#endStream();
  }

  onIdle(): void {
    this.#note("idle");
  }

  onHold(on: boolean): void {
    rule(on !== this.held, "told twice to hold");
    this.held = on;
  }

  write(data: Uint8Array | string, ascii?: boolean): void {
    rule(!this.over, "written after its end");
    const bytes = typeof data === "string" ? utf8(data) : data;
    if (ascii) rule(bytes.every((byte) => byte < 0x80), "a text that is not ASCII");
    this.output += latin1(bytes, 0, bytes.length);
  }

  writeFramed(before: string, data: Uint8Array, after: string): void {
    this.write(before, true);
    this.write(data);
    this.write(after, true);
  }

  onOver(): void {
    rule(!this.over, "over twice");
    this.#note("over");
    this.over = true;
  }

  answer(): void {
    if (this.#answered || this.refused) return;
    const status = this.#head!.target.length % 7 === 0 ? 204 : 200;
    if (this.#head!.expectsContinue && this.#manner === "later") this.#engine.sendContinue();
    this.#answered = true;
    this.#engine.respond({ status, statusText: "", headers: ["x-a", "b"] }, "Größe");
  }

  #beginStream(): void {
    this.#answered = true;
    const message = { status: 200, statusText: "", headers: [] };
    this.#streaming = this.#engine.beginResponse(message);
    if (this.#streaming) this.#engine.sendContent(utf8("begin"));
  }

  #endStream(): void {
    this.#streaming = false;
    this.#engine.sendEnd(this.#head!.minor === 1 ? ["x-t", "u"] : []);
  }

  #flush(): void {
    if (this.#body !== "") this.log.push(`body ${this.#body}`);
    this.#body = "";
  }

  #note(event: string): void {
    rule(!this.over, `told after its end: ${event}`);
    this.#flush();
    this.log.push(event);
  }
}

function run(pieces: readonly Uint8Array[], { seed }: Input): Rig {
  const rig = new Rig(new Random(seed));
  for (const piece of pieces) rig.receive(piece.slice());
  rig.end();
  rule(!rig.owes, "a request without an answer");
  return rig;
}

/** What was written has to be as many responses as there were requests, and nothing else. */
function checkOutput({ output, expected, over, refused }: Rig): void {
  let problem = problemOf(output, expected, over);
  // A malformed head may be one of HEAD, whose refusal has no content.
  if (refused) problem = problem && problemOf(output, [...expected.slice(0, -1), "HEAD"], over);
  rule(problem === null, `${problem}\n${output}`);
}

function problemOf(output: string, expected: readonly string[], over: boolean): string | null {
  let ended = 0;
  let broken: string | null = null;
  const reader: ResponseReader = new ResponseReader({
    onHead(head: ResponseHead) {
      if (head.status < 200 && head.status !== 101) ended--;
    },
    onBody() {},
    onEnd() {
      ended++;
      reader.expect(expected[ended] ?? null);
    },
    onViolation: (error) => broken = `${error.code} ${error.message}`,
  }, READ_ALL);
  reader.expect(expected[0] ?? null);
  const bytes = Uint8Array.from(output, (letter) => letter.charCodeAt(0));
  for (let at = 0; at < bytes.length && broken === null;) at = reader.receive(bytes, at);
  if (over) reader.receiveEnd();
  if (broken !== null) return `the client cannot read it: ${broken}`;
  return ended <= expected.length ? null : `${ended} responses to ${expected.length} requests`;
}

/** See the module's text. */
export const httpServer: Target = {
  name: "http-server",
  make: (random) => mutated(REQUEST_BYTES, WORDS, random),
  judge(input) {
    const { bytes, seed } = input;
    const whole = run([bytes], input);
    checkOutput(whole);
    const random = new Random(seed ^ 0x5bd1e995);
    for (const pieces of [split(bytes, random), split(bytes, random)]) {
      const cut = run(pieces, input);
      sameLog(`cut ${pieces.map(({ length }) => length)}`, whole.log, cut.log);
      sameBeginning(whole.begun, cut.begun);
      // A chunk of content that is echoed is framed as it came.
      const depends = /transfer-encoding: chunked/.test(whole.output) ||
        [...whole.log, ...cut.log].some((event) => LIMIT.test(event));
      if (!depends) {
        rule(whole.output === cut.output, `another output: ${whole.output}\n--\n${cut.output}`);
      }
    }
  },
};
