import { assertEquals } from "@std/assert";
import type { NetError } from "../../_core/errors.ts";
import { everySplit } from "../../_testing/splits.ts";
import {
  ClientEngine,
  type ClientEngineOptions,
  type ClientEngineSink,
  type RequestMessage,
} from "./client_engine.ts";
import type { Fields } from "./fields.ts";
import type { ResponseHead } from "./message.ts";

const LIMITS: ClientEngineOptions = {
  maxStartLine: 100,
  maxHead: 1000,
  maxFields: 20,
  maxBody: Infinity,
  maxChunkExtensions: 100,
  maxTrailers: 100,
  maxInformational: 3,
};

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Notes what the engine tells; content in one piece however it came. */
class Log implements ClientEngineSink {
  readonly events: string[] = [];
  written = "";
  #content = "";

  #note(event: string): void {
    if (this.#content !== "") this.events.push(`content ${this.#content}`);
    this.#content = "";
    this.events.push(event);
  }
  onInformational(head: ResponseHead): void {
    this.#note(`interim ${head.status}`);
  }
  onContinue(): void {
    this.#note("continue");
  }
  onResponse(head: ResponseHead): void {
    this.#note(`response ${head.status}`);
  }
  onContent(chunk: Uint8Array): void {
    this.#content += String.fromCharCode(...chunk);
  }
  onResponseEnd(trailers: Fields | null): void {
    this.#note(trailers === null ? "end" : `end ${[...trailers].join()}`);
  }
  onFree(): void {
    this.#note("free");
  }
  onFailure(error: NetError): void {
    this.#note(error.code);
  }
  onSwitch(head: ResponseHead, early: Uint8Array): void {
    this.#note(`switch ${head.status} ${String.fromCharCode(...early)}`.trimEnd());
  }
  onOver(): void {
    this.#note("over");
  }
  write(data: Uint8Array | string): void {
    this.written += typeof data === "string" ? data : String.fromCharCode(...data);
  }
}

function message(parts: Partial<RequestMessage> = {}): RequestMessage {
  return {
    method: "GET",
    head: "GET / HTTP/1.1\r\nhost: h\r\n\r\n",
    framing: { kind: "none" },
    close: false,
    expectsContinue: false,
    upgrade: null,
    ...parts,
  };
}

/** What an engine tells of an answer, the same in every split. `$` is the server's end. */
function outcome(answer: string, parts: Partial<RequestMessage> = {}): string[] {
  const ends = answer.endsWith("$");
  const sample = latin1(ends ? answer.slice(0, -1) : answer);
  let first: string[] | null = null;
  for (const chunks of everySplit(sample)) {
    const log = new Log();
    const engine = new ClientEngine(log, LIMITS);
    engine.send(message(parts), null);
    for (const chunk of chunks) engine.receive(chunk.slice());
    if (ends) engine.receiveEnd();
    first ??= log.events;
    assertEquals(log.events, first);
  }
  return first!;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const ANSWERS: [string, string, Partial<RequestMessage>, string[]][] = [
  ["with a length", OK, {}, ["response 200", "content ok", "end", "free"]],
  ["that says close", OK.replace("\r\n", "\r\nConnection: close\r\n"), {}, [
    "response 200",
    "content ok",
    "end",
    "over",
  ]],
  ["of HTTP/1.0", OK.replace("1.1", "1.0"), {}, ["response 200", "content ok", "end", "over"]],
  ["to a request that says close", OK, { close: true }, [
    "response 200",
    "content ok",
    "end",
    "over",
  ]],
  [
    "in chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nB: c\r\n\r\n",
    {},
    [
      "response 200",
      "content a",
      "end B,c",
      "free",
    ],
  ],
  ["until the end", "HTTP/1.1 200 OK\r\n\r\nall$", {}, [
    "response 200",
    "content all",
    "end",
    "over",
  ]],
  ["to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", { method: "HEAD" }, [
    "response 200",
    "end",
    "free",
  ]],
  ["after others", `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n${OK}`, {}, [
    "interim 102",
    "interim 103",
    "response 200",
    "content ok",
    "end",
    "free",
  ]],
  ["after too many", "HTTP/1.1 102 P\r\n\r\n".repeat(5), {}, [
    "interim 102",
    "interim 102",
    "interim 102",
    "ERR_HTTP_TOO_MANY_INFORMATIONAL",
  ]],
  ["that switches unasked", "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", {}, [
    "ERR_HTTP_UNEXPECTED_UPGRADE",
  ]],
  [
    "that switches to something else",
    "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    { upgrade: "y" },
    ["ERR_HTTP_UNEXPECTED_UPGRADE"],
  ],
  ["to an upgrade that is refused", OK, { upgrade: "x" }, [
    "response 200",
    "content ok",
    "end",
    "free",
  ]],
  ["to a CONNECT that is refused", OK.replace("200", "407"), { method: "CONNECT" }, [
    "response 407",
    "content ok",
    "end",
    "free",
  ]],
  ["that is none", "$", {}, ["ERR_HTTP_NO_RESPONSE"]],
  ["that is cut off in its head", "HTTP/1.1 200 OK\r\n$", {}, ["ERR_HTTP_INCOMPLETE"]],
  ["that is cut off in its content", `${OK.slice(0, -1)}$`, {}, [
    "response 200",
    "content o",
    "ERR_HTTP_INCOMPLETE",
  ]],
];

for (const [what, answer, parts, events] of ANSWERS) {
  Deno.test(`ClientEngine tells ${events.at(-1)} when the answer is one ${what}`, () => {
    assertEquals(outcome(answer, parts), events);
  });
}

Deno.test("ClientEngine hands the rest over when the server switches", () => {
  for (
    const [parts, answer, status] of [
      [{ upgrade: "Chat" }, "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n", 101],
      [{ method: "CONNECT" }, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200],
    ] as const
  ) {
    const log = new Log();
    const engine = new ClientEngine(log, LIMITS);
    engine.send(message(parts), null);
    engine.receive(latin1(`${answer}early`));
    engine.receive(latin1("not ours"));
    assertEquals(log.events, [`switch ${status} early`]);
    assertEquals(engine.over, true);
  }
});

Deno.test("ClientEngine is over when bytes follow the answer, or come unasked", () => {
  const log = new Log();
  const engine = new ClientEngine(log, LIMITS);
  engine.send(message(), null);
  engine.receive(latin1(`${OK}H`));
  assertEquals(log.events, ["response 200", "content ok", "end", "over"]);
  const idle = new Log();
  new ClientEngine(idle, LIMITS).receive(latin1("\r\n"));
  assertEquals(idle.events, ["over"]);
  const ended = new Log();
  new ClientEngine(ended, LIMITS).receiveEnd();
  assertEquals(ended.events, ["over"]);
});

Deno.test("ClientEngine carries one exchange after the other", () => {
  const log = new Log();
  const engine = new ClientEngine(log, LIMITS);
  for (let i = 0; i < 3; i++) {
    engine.send(message(), null);
    assertEquals([engine.busy, engine.answerBegan], [true, false]);
    engine.receive(latin1(OK));
    assertEquals([engine.busy, engine.over], [false, false]);
  }
  assertEquals(log.events.filter((event) => event === "free").length, 3);
  assertEquals(log.written, message().head.toString().repeat(3));
});

const CONTENT: [string, Partial<RequestMessage>, (engine: ClientEngine) => boolean[], string][] = [
  [
    "a length",
    { framing: { kind: "length", length: 4 } },
    (e) => [e.sendContent(latin1("ab")), e.sendContent(latin1("cd")), e.sendEnd()],
    "true,true,true abcd",
  ],
  [
    "too much",
    { framing: { kind: "length", length: 3 } },
    (e) => [e.sendContent(latin1("ab")), e.sendContent(latin1("cd"))],
    "true,false ab",
  ],
  [
    "too little",
    { framing: { kind: "length", length: 3 } },
    (e) => [e.sendContent(latin1("ab")), e.sendEnd()],
    "true,false ab",
  ],
  [
    "chunks",
    { framing: { kind: "chunked" } },
    (e) => [e.sendContent(latin1("")), e.sendContent(latin1("0123456789abcdef")), e.sendEnd()],
    "true,true,true 10\r\n0123456789abcdef\r\n0\r\n\r\n",
  ],
  [
    "chunks with trailers",
    { framing: { kind: "chunked" } },
    (e) => [e.sendEnd(["a", "b"])],
    "true 0\r\na: b\r\n\r\n",
  ],
];

for (const [what, parts, send, expected] of CONTENT) {
  Deno.test(`ClientEngine sends content when it has ${what}`, () => {
    const log = new Log();
    const engine = new ClientEngine(log, LIMITS);
    engine.send(message({ ...parts, head: "" }), null);
    assertEquals(engine.sending, true);
    const answers = send(engine);
    assertEquals(`${answers} ${log.written}`, expected);
  });
}

Deno.test("ClientEngine sends content with the head when it is at hand", () => {
  for (const head of ["head", latin1("head")]) {
    for (const content of ["Zoë", new Uint8Array([1, 2])]) {
      const log = new Log();
      const engine = new ClientEngine(log, LIMITS);
      engine.send(message({ head, framing: { kind: "length", length: 4 } }), content);
      const sent = typeof content === "string" ? content : "\x01\x02";
      assertEquals([engine.sending, log.written], [false, `head${sent}`]);
    }
  }
});

Deno.test("ClientEngine holds content back until the server wants it", () => {
  const parts = { framing: { kind: "length", length: 2 }, expectsContinue: true } as const;
  for (const answered of [true, false]) {
    const log = new Log();
    const engine = new ClientEngine(log, LIMITS);
    engine.send(message(parts), "ab");
    assertEquals([engine.sending, engine.awaitsContinue], [true, true]);
    if (answered) engine.receive(latin1("HTTP/1.1 100 Continue\r\n\r\n"));
    else engine.continueNow();
    assertEquals([engine.sending, engine.awaitsContinue], [true, false]);
    engine.sendContent(latin1("ab"));
    engine.sendEnd();
    engine.receive(latin1(OK));
    const begin = answered ? ["interim 100", "continue"] : [];
    assertEquals(log.events, [...begin, "response 200", "content ok", "end", "free"]);
  }
});

Deno.test("ClientEngine is over when the answer is complete before the request", () => {
  const log = new Log();
  const engine = new ClientEngine(log, LIMITS);
  engine.send(message({ framing: { kind: "chunked" } }), null);
  engine.sendContent(latin1("a"));
  engine.receive(latin1(OK));
  assertEquals(log.events, ["response 200", "content ok", "end", "over"]);
  const { written } = log;
  assertEquals([engine.sendContent(latin1("b")), engine.sendEnd()], [true, true]);
  assertEquals(log.written, written);
});
