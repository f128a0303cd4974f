import { assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../_core/text.ts";
import type { RequestHead } from "./message.ts";
import { ServerEngine } from "./server_engine.ts";
import type { ServerEngineOptions, ServerEngineSink } from "./server_parts.ts";

const OPTIONS: ServerEngineOptions = {
  maxStartLine: 1000,
  maxHead: 2000,
  maxFields: 20,
  maxBody: 100,
  maxChunkExtensions: 50,
  maxTrailers: 50,
  maxPipelined: 200,
  maxUnread: 10,
  keepAliveLines: "",
  date: () => "now",
};

/** Stands for content that comes in parts. */
const STREAM = Symbol("stream");

/** What all refusals have in common. */
const REFUSAL =
  /connection: close\|content-type: text\/plain;charset=UTF-8\|content-length: \d+\|\|.+\n$/;

/** What an engine did, as short strings, and a shorthand for what its owner does. */
class Rig implements ServerEngineSink {
  readonly log: string[] = [];
  readonly engine: ServerEngine;
  hasRoom = true;
  /** Answers each request at once. */
  onBegin: (head: RequestHead) => void = () => {};

  constructor(options: Partial<ServerEngineOptions> = {}) {
    this.engine = new ServerEngine(this, { ...OPTIONS, ...options });
  }

  onRequest(head: RequestHead): void {
    this.log.push(`${head.method} ${head.target}`);
    this.onBegin(head);
  }

  onContent(chunk: Uint8Array): void {
    this.log.push(`content ${latin1(chunk, 0, chunk.length)}`);
  }

  onRequestEnd(trailers: Iterable<[string, string]> | null): void {
    this.log.push(trailers === null ? "end" : `end ${[...trailers].flat()}`);
  }

  onViolation(error: { readonly code: string }, answers: boolean): void {
    this.log.push(`${error.code}${answers ? "" : " in a response"}`);
  }

  onIdle(): void {
    this.log.push("idle");
  }

  onHold(on: boolean): void {
    this.log.push(on ? "hold" : "go on");
  }

  write(data: Uint8Array | string): void {
    const text = typeof data === "string" ? data : `bytes ${latin1(data, 0, data.length)}`;
    const lines = text.replaceAll("\r\n", "|").replace("date: now|", "");
    this.log.push(`> ${lines.replace(REFUSAL, "connection: close|why||")}`);
  }

  writeFramed(before: string, data: Uint8Array, after: string): void {
    this.write(`${before}<${latin1(data, 0, data.length)}>${after}`);
  }

  onOver(): void {
    this.log.push("over");
  }

  /** Bytes come in; gives what was done about them. */
  receive(text: string): string[] {
    return this.during(() =>
      this.engine.receive(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))
    );
  }

  /** Answers the request at work; gives what was done. */
  respond(
    status: number,
    content: string | Uint8Array | null | typeof STREAM = null,
    headers: string[] = [],
  ): string[] {
    return this.during(() => {
      const message = { status, statusText: "", headers };
      if (content === STREAM) this.engine.beginResponse(message);
      else this.engine.respond(message, content);
    });
  }

  during(run: () => void): string[] {
    const before = this.log.length;
    run();
    return this.log.slice(before);
  }
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const get = (target: string, field: string = "") =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\n${field === "" ? "" : `${field}\r\n`}\r\n`;
const post = (length: number, content: string, field: string = "X: y") =>
  `POST / HTTP/1.1\r\nHost: a\r\n${field}\r\nContent-Length: ${length}\r\n\r\n${content}`;
const chunked = (rest: string) =>
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${rest}`;

// --- One exchange --------------------------------------------------------------------------------

Deno.test("respond() sends a head and text in one write when content is text", () => {
  const rig = new Rig();
  assertEquals(rig.receive(GET), ["GET /", "end"]);
  assertEquals(rig.respond(200, "hi\u20ac"), [
    "> HTTP/1.1 200 OK|content-length: 5||hi\u20ac",
    "idle",
  ]);
});

Deno.test("respond() sends a text when it is a word that means something elsewhere", () => {
  for (const word of ["stream", "none", "null"]) {
    const rig = new Rig();
    rig.receive(GET);
    const length = word.length;
    assertEquals(rig.respond(200, word)[0], `> HTTP/1.1 200 OK|content-length: ${length}||${word}`);
  }
});

Deno.test("respond() sends a head and then bytes when content is bytes", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(rig.respond(200, new Uint8Array([104, 105])), [
    "> HTTP/1.1 200 OK|content-length: 2||",
    "> bytes hi",
    "idle",
  ]);
  rig.receive(GET);
  assertEquals(rig.respond(200, new Uint8Array()), [
    "> HTTP/1.1 200 OK|content-length: 0||",
    "idle",
  ]);
});

Deno.test("respond() sends the head as Latin-1 and content as UTF-8 when it is not ASCII", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(rig.respond(200, "\xe9", ["x", "\xe9"]), [
    "> bytes HTTP/1.1 200 OK|x: \xe9|content-length: 2||",
    "> bytes \xc3\xa9",
    "idle",
  ]);
});

Deno.test("beginResponse() has chunks sent when content is a stream", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(rig.respond(200, STREAM), ["> HTTP/1.1 200 OK|transfer-encoding: chunked||"]);
  assertEquals(
    rig.during(() => {
      assertEquals(rig.engine.sendContent(new TextEncoder().encode("hello world")), true);
      assertEquals(rig.engine.sendContent(new Uint8Array()), true);
    }),
    ["> b|<hello world>|"],
  );
  assertEquals(rig.during(() => rig.engine.sendEnd()), ["> 0||", "idle"]);
});

Deno.test("sendEnd() sends trailers when the stream is chunked", () => {
  const rig = new Rig();
  rig.receive(GET);
  rig.respond(200, STREAM);
  assertEquals(rig.during(() => rig.engine.sendEnd(["a", "1", "b", "2"])), [
    "> 0|a: 1|b: 2||",
    "idle",
  ]);
});

Deno.test("sendContent() and sendEnd() give false when the length is not the declared one", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(rig.respond(200, STREAM, ["content-length", "3"]), [
    "> HTTP/1.1 200 OK|content-length: 3||",
  ]);
  assertEquals(
    rig.during(() => {
      assertEquals(rig.engine.sendContent(new Uint8Array([97, 98])), true);
      assertEquals(rig.engine.sendEnd(), false);
      assertEquals(rig.engine.sendContent(new Uint8Array([99, 100])), false);
    }),
    ["> bytes ab"],
  );
});

Deno.test("sendEnd() completes a stream when its length is the declared one", () => {
  const rig = new Rig();
  rig.receive(GET);
  rig.respond(200, STREAM, ["content-length", "2"]);
  rig.engine.sendContent(new Uint8Array([97, 98]));
  assertEquals(
    rig.during(() => assertEquals(rig.engine.sendEnd(["a", "1"]), true)),
    ["idle"],
  );
});

for (
  const [status, method, head] of [
    [200, "HEAD", "> HTTP/1.1 200 OK|content-length: 2||"],
    [204, "GET", "> HTTP/1.1 204 No Content|"],
    [304, "GET", "> HTTP/1.1 304 Not Modified|"],
    [205, "GET", "> HTTP/1.1 205 Reset Content|content-length: 0||"],
  ] as const
) {
  Deno.test(`respond() sends no content when ${method} is answered by ${status}`, () => {
    const rig = new Rig();
    const request = GET.replace("GET", method);
    const expected = head.endsWith("||") ? head : `${head}|`;
    rig.receive(request);
    assertEquals(rig.respond(status, "hi"), [expected, "idle"]);
    rig.receive(request);
    assertEquals(rig.respond(status, new Uint8Array([104, 105])), [expected, "idle"]);
  });

  Deno.test(`beginResponse() wants no stream when ${method} is answered by ${status}`, () => {
    const rig = new Rig();
    rig.receive(GET.replace("GET", method));
    const message = { status, statusText: "", headers: [] };
    assertEquals(rig.engine.beginResponse(message), false);
    assertEquals(rig.log.at(-1), "idle");
    assertEquals(rig.engine.busy, false);
  });
}

Deno.test("respond() sends nothing when the head writer refuses, and may be called again", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(
    rig.during(() => {
      assertThrows(() => rig.respond(200, null, ["a", "b\r\nc: d"]), TypeError);
    }),
    [],
  );
  assertEquals(rig.engine.responseStarted, false);
  assertEquals(rig.respond(500), [
    "> HTTP/1.1 500 Internal Server Error|content-length: 0||",
    "idle",
  ]);
});

// --- What the engine says about itself -----------------------------------------------------------

Deno.test("busy, inHead, inContent and responseStarted follow an exchange", () => {
  const rig = new Rig();
  const { engine } = rig;
  const state = () => [engine.busy, engine.inHead, engine.inContent, engine.responseStarted];
  assertEquals(state(), [false, false, false, false]);
  rig.receive("POST / HT");
  assertEquals(state(), [false, true, false, false]);
  rig.receive("TP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
  assertEquals(state(), [true, false, true, false]);
  rig.receive("b");
  assertEquals(state(), [true, false, false, false]);
  rig.respond(200, STREAM);
  assertEquals(state(), [true, false, false, true]);
  engine.sendEnd();
  assertEquals(state(), [false, false, false, false]);
});

// --- Persistence ---------------------------------------------------------------------------------

const CLOSES = "> HTTP/1.1 200 OK|connection: close|content-length: 2||hi";

for (
  const [name, request, answer] of [
    ["the client says close", get("/", "Connection: close"), CLOSES],
    ["the client is of HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", CLOSES],
  ] as const
) {
  Deno.test(`the engine is over after the answer when ${name}`, () => {
    const rig = new Rig();
    rig.receive(request);
    assertEquals(rig.respond(200, "hi"), [answer, "over"]);
    assertEquals(rig.receive(GET), []);
  });

  Deno.test(`the engine drops requests behind the last when ${name}`, () => {
    const rig = new Rig();
    assertEquals(rig.receive(request + GET), ["GET /", "end"]);
    assertEquals(rig.receive(GET), []);
    assertEquals(rig.respond(200, "hi"), [answer, "over"]);
    assertEquals(rig.receive(GET), []);
  });

  Deno.test(`the engine answers nothing behind the last when ${name}, answered at once`, () => {
    const rig = new Rig();
    rig.onBegin = () => rig.respond(200, "hi");
    assertEquals(rig.receive(request + GET).filter((entry) => entry.startsWith("GET")), ["GET /"]);
    assertEquals(rig.log.at(-1), "over");
  });
}

Deno.test("the engine is over when the handler says close, requests behind it or not", () => {
  const rig = new Rig();
  rig.receive(GET + get("/2"));
  assertEquals(rig.respond(200, "hi", ["connection", "close"]), [CLOSES, "over"]);
  assertEquals(rig.receive(GET), []);
});

Deno.test("the engine goes on with HTTP/1.0 when the client says keep-alive", () => {
  const rig = new Rig({ keepAliveLines: "connection: keep-alive\r\n" });
  const request = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
  rig.receive(request);
  assertEquals(rig.respond(200, "hi"), [
    "> HTTP/1.1 200 OK|connection: keep-alive|content-length: 2||hi",
    "idle",
  ]);
  rig.receive(request);
  assertEquals(rig.respond(200, STREAM), ["> HTTP/1.1 200 OK|connection: close||"]);
  assertEquals(
    rig.during(() => {
      rig.engine.sendContent(new Uint8Array([97]));
      rig.engine.sendEnd(["a", "1"]);
    }),
    ["> bytes a", "over"],
  );
});

// --- Pipelining (RFC 9112, section 9.3.2) --------------------------------------------------------

Deno.test("requests wait behind the answer to the first, and go on in order", () => {
  const rig = new Rig();
  assertEquals(rig.receive(get("/1") + get("/2") + get("/3")), ["GET /1", "end"]);
  assertEquals(rig.respond(200, "1"), [
    "> HTTP/1.1 200 OK|content-length: 1||1",
    "idle",
    "GET /2",
    "end",
  ]);
  assertEquals(rig.receive(get("/4")), []);
  assertEquals(rig.respond(200, "2").slice(1), ["idle", "GET /3", "end"]);
  assertEquals(rig.respond(200, "3").slice(1), ["idle", "GET /4", "end"]);
  assertEquals(rig.respond(200, "4").slice(1), ["idle"]);
});

Deno.test("requests are answered within receive() when the answers are there at once", () => {
  const rig = new Rig();
  rig.onBegin = ({ target }) => rig.respond(200, target);
  assertEquals(rig.receive(get("/1") + get("/2")), [
    "GET /1",
    "> HTTP/1.1 200 OK|content-length: 2||/1",
    "end",
    "idle",
    "GET /2",
    "> HTTP/1.1 200 OK|content-length: 2||/2",
    "end",
    "idle",
  ]);
});

Deno.test("waiting requests are answered in one go when each answer is there at once", () => {
  const rig = new Rig();
  rig.receive(get("/1") + get("/2") + get("/3"));
  rig.onBegin = ({ target }) => rig.respond(200, target);
  const done = rig.respond(200, "/1").filter((entry) => entry.startsWith(">"));
  assertEquals(done.map((entry) => entry.slice(-2)), ["/1", "/2", "/3"]);
});

Deno.test("a waiting request whose bytes were cut is put together", () => {
  const whole = get("/2") + post(3, "abc");
  for (let cut = 1; cut < whole.length; cut++) {
    const rig = new Rig();
    rig.receive(GET + whole.slice(0, cut));
    rig.receive(whole.slice(cut));
    assertEquals(rig.respond(200).slice(1), ["idle", "GET /2", "end"]);
    assertEquals(rig.respond(200).slice(1), ["idle", "POST /", "content abc", "end"]);
    assertEquals(rig.respond(200).slice(1), ["idle"]);
  }
});

Deno.test("the caller's chunk may change when requests of it wait", () => {
  const rig = new Rig();
  const bytes = new TextEncoder().encode(GET + get("/2"));
  rig.engine.receive(bytes);
  bytes.fill(0);
  assertEquals(rig.respond(200).slice(1), ["idle", "GET /2", "end"]);
});

Deno.test("the engine holds when too much waits, and goes on when it is taken", () => {
  const rig = new Rig({ maxPipelined: 40 });
  rig.receive(GET);
  assertEquals(rig.receive(get("/2")), []);
  assertEquals(rig.receive(get("/3")), ["hold"]);
  assertEquals(rig.receive(get("/4")), []);
  assertEquals(rig.respond(200).slice(1), ["idle", "GET /2", "end"]);
  assertEquals(rig.respond(200).slice(1), ["idle", "GET /3", "end", "go on"]);
  assertEquals(rig.respond(200).slice(1), ["idle", "GET /4", "end"]);
});

// --- Content -------------------------------------------------------------------------------------

Deno.test("content and trailers are told while the response waits", () => {
  const rig = new Rig();
  assertEquals(rig.receive(chunked("2\r\nab\r\n")), ["POST /", "content ab"]);
  assertEquals(rig.receive("1\r\nc\r\n0\r\nA: 1\r\n\r\n"), ["content c", "end A,1"]);
  assertEquals(rig.respond(200).slice(1), ["idle"]);
});

Deno.test("content that nobody read is dropped when little is left", () => {
  const rig = new Rig({ maxUnread: 10 });
  rig.receive(post(12, "ab"));
  assertEquals(rig.respond(413), ["> HTTP/1.1 413 Content Too Large|content-length: 0||"]);
  assertEquals(rig.receive("0123456789" + GET), ["end", "idle", "GET /", "end"]);
});

Deno.test("the engine is over after the response when too much content is left", () => {
  const rig = new Rig({ maxUnread: 10 });
  rig.receive(post(13, "ab"));
  assertEquals(rig.respond(413), [
    "> HTTP/1.1 413 Content Too Large|connection: close|content-length: 0||",
    "over",
  ]);
  assertEquals(rig.receive("0123456789a"), []);
});

Deno.test("the engine is over when chunks that nobody read do not end", () => {
  const rig = new Rig({ maxUnread: 10 });
  rig.receive(chunked("1\r\na\r\n"));
  assertEquals(rig.respond(413), ["> HTTP/1.1 413 Content Too Large|content-length: 0||"]);
  assertEquals(rig.receive("a\r\n0123456789\r\n"), []);
  assertEquals(rig.receive("1\r\na\r\n"), ["over"]);
});

Deno.test("chunks that nobody read are dropped when they end soon", () => {
  const rig = new Rig({ maxUnread: 10 });
  rig.receive(chunked("1\r\na\r\n"));
  rig.respond(413);
  assertEquals(rig.receive(`a\r\n0123456789\r\n0\r\n\r\n${GET}`), ["end", "idle", "GET /", "end"]);
});

// --- 100 (Continue) (RFC 9110, section 10.1.1) ---------------------------------------------------

const EXPECT = "Expect: 100-continue";

Deno.test("sendContinue() sends 100 once when the client waits for it", () => {
  const rig = new Rig();
  assertEquals(rig.receive(post(2, "", EXPECT)), ["POST /"]);
  assertEquals(rig.during(() => rig.engine.sendContinue()), ["> HTTP/1.1 100 Continue||"]);
  assertEquals(rig.during(() => rig.engine.sendContinue()), []);
  assertEquals(rig.receive("ab"), ["content ab", "end"]);
  assertEquals(rig.respond(200), ["> HTTP/1.1 200 OK|content-length: 0||", "idle"]);
});

Deno.test("sendContinue() sends nothing when the client does not wait", () => {
  const rig = new Rig();
  rig.receive(post(2, ""));
  assertEquals(rig.during(() => rig.engine.sendContinue()), []);
  const sending = new Rig();
  sending.receive(post(2, "a", EXPECT));
  assertEquals(sending.during(() => sending.engine.sendContinue()), []);
  const older = new Rig();
  older.receive(post(2, "", EXPECT).replace("HTTP/1.1", "HTTP/1.0"));
  assertEquals(older.during(() => older.engine.sendContinue()), []);
  const idle = new Rig();
  assertEquals(idle.during(() => idle.engine.sendContinue()), []);
});

Deno.test("the engine is over when a request that waits for 100 is answered at once", () => {
  const rig = new Rig();
  rig.receive(post(2, "", EXPECT));
  assertEquals(rig.respond(417), [
    "> HTTP/1.1 417 Expectation Failed|connection: close|content-length: 0||",
    "over",
  ]);
  assertEquals(rig.receive("ab"), []);
});

// --- Informational responses ---------------------------------------------------------------------

Deno.test("sendInformational() sends as many as wanted before the response", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(
    rig.during(() => {
      rig.engine.sendInformational(103, ["link", "</a>"]);
      rig.engine.sendInformational(102, []);
    }),
    ["> HTTP/1.1 103 Early Hints|link: </a>||", "> HTTP/1.1 102 Processing||"],
  );
  rig.respond(200, STREAM);
  assertEquals(rig.during(() => rig.engine.sendInformational(103, [])), []);
});

Deno.test("sendInformational() leaves fields out when they would frame content (RFC 9112, 6.1)", () => {
  const rig = new Rig();
  rig.receive(GET);
  const fields = ["Content-Length", "7", "link", "</a>", "Transfer-Encoding", "chunked"];
  assertEquals(rig.during(() => rig.engine.sendInformational(103, fields)), [
    "> HTTP/1.1 103 Early Hints|link: </a>||",
  ]);
});

Deno.test("sendInformational() sends nothing when the client is of HTTP/1.0, or asked nothing", () => {
  const rig = new Rig();
  assertEquals(rig.during(() => rig.engine.sendInformational(103, [])), []);
  rig.receive("GET / HTTP/1.0\r\n\r\n");
  assertEquals(rig.during(() => rig.engine.sendInformational(103, [])), []);
});

// --- Violations ----------------------------------------------------------------------------------

const REFUSALS: [request: string, code: string, status: string][] = [
  ["GET / HTTP/1.1\r\n\r\n", "ERR_HTTP_INVALID_HOST", "400 Bad Request"],
  ["GET  / HTTP/1.1\r\n", "ERR_HTTP_INVALID_TARGET", "400 Bad Request"],
  ["GET / HTTP/2.0\r\n", "ERR_HTTP_VERSION", "505 HTTP Version Not Supported"],
  [`GET /${"a".repeat(1000)}`, "ERR_HTTP_START_LINE_TOO_LONG", "414 URI Too Long"],
  [
    get("/", "A: b\r\n".repeat(20)),
    "ERR_HTTP_HEAD_TOO_LARGE",
    "431 Request Header Fields Too Large",
  ],
  [post(101, ""), "ERR_HTTP_BODY_TOO_LARGE", "413 Content Too Large"],
  [get("/", "Expect: x"), "ERR_HTTP_EXPECTATION", "417 Expectation Failed"],
  [
    get("/", "Transfer-Encoding: gzip, chunked"),
    "ERR_HTTP_TRANSFER_CODING",
    "501 Not Implemented",
  ],
  ["\x16\x03\x01", "ERR_HTTP_NOT_HTTP", "400 Bad Request"],
];

for (const [request, code, status] of REFUSALS) {
  Deno.test(`the engine answers ${status} and is over at ${code}`, () => {
    const rig = new Rig();
    assertEquals(rig.receive(request), [
      code,
      `> HTTP/1.1 ${status}|connection: close|why||`,
      "over",
    ]);
    assertEquals(rig.receive(GET), []);
  });
}

Deno.test("the engine answers a violation in content when no response has begun", () => {
  const rig = new Rig();
  assertEquals(rig.receive(chunked("1\r\na\r\nx\r\n")), [
    "POST /",
    "content a",
    "ERR_HTTP_INVALID_CHUNK",
    "> HTTP/1.1 400 Bad Request|connection: close|why||",
    "over",
  ]);
});

Deno.test("a response goes on to its end when the content breaks behind its head", () => {
  const rig = new Rig();
  rig.receive(chunked("1\r\na\r\n"));
  rig.respond(200, STREAM);
  assertEquals(rig.receive("x\r\n"), ["ERR_HTTP_INVALID_CHUNK in a response"]);
  assertEquals(
    rig.during(() => {
      rig.engine.sendContent(new Uint8Array([97]));
      rig.engine.sendEnd();
    }),
    ["> 1|<a>|", "> 0||", "over"],
  );
});

Deno.test("the engine is over when content breaks behind a complete response", () => {
  const rig = new Rig();
  rig.receive(chunked("1\r\na\r\n"));
  rig.respond(200);
  assertEquals(rig.receive("x\r\n"), ["ERR_HTTP_INVALID_CHUNK in a response", "over"]);
});

Deno.test("a violation waits its turn when it lies behind a request at work", () => {
  const rig = new Rig();
  rig.receive(`${GET}GET / HTTP/9.9\r\n\r\n`);
  assertEquals(rig.respond(200, "hi"), [
    "> HTTP/1.1 200 OK|content-length: 2||hi",
    "idle",
    "ERR_HTTP_VERSION",
    "> HTTP/1.1 505 HTTP Version Not Supported|connection: close|why||",
    "over",
  ]);
});

Deno.test("the engine reads a head on that has begun to come when there is no room", () => {
  const rig = new Rig();
  rig.receive("GET /1 HT");
  rig.hasRoom = false;
  assertEquals(rig.receive("TP/1.1\r\nHost: a\r\n\r\nGET /2 HT"), ["GET /1", "end"]);
  assertEquals(rig.respond(200).slice(1), ["idle"]);
  assertEquals(rig.receive("TP/1.1\r\nHost: a\r\n\r\n"), []);
  rig.hasRoom = true;
  assertEquals(rig.during(() => rig.engine.goOn()), ["GET /2", "end"]);
});

Deno.test("goOn() takes the next request when there is room again", () => {
  const rig = new Rig({ maxPipelined: 40 });
  rig.receive(GET);
  rig.hasRoom = false;
  assertEquals(rig.respond(200).slice(1), ["idle"]);
  assertEquals(rig.receive(get("/2") + get("/3")), ["hold"]);
  assertEquals(rig.during(() => rig.engine.receiveEnd()), []);
  assertEquals(rig.during(() => rig.engine.goOn()), []);
  rig.hasRoom = true;
  assertEquals(rig.during(() => rig.engine.goOn()), ["GET /2", "end", "go on"]);
  rig.hasRoom = false;
  assertEquals(rig.respond(200).slice(1), ["idle"]);
  rig.hasRoom = true;
  assertEquals(rig.during(() => rig.engine.goOn()), ["GET /3", "end"]);
  assertEquals(rig.respond(200).slice(1), ["over"]);
});

// --- Ends ----------------------------------------------------------------------------------------

Deno.test("receiveEnd() is over at once when nothing is under way", () => {
  const rig = new Rig();
  assertEquals(rig.during(() => rig.engine.receiveEnd()), ["over"]);
  const after = new Rig();
  after.receive(GET);
  after.respond(200);
  assertEquals(after.during(() => after.engine.receiveEnd()), ["over"]);
});

Deno.test("receiveEnd() lets the requests that came be answered (RFC 9112, 9.6)", () => {
  const rig = new Rig();
  rig.receive(GET + get("/2"));
  assertEquals(rig.during(() => rig.engine.receiveEnd()), []);
  const first = rig.respond(200, "1");
  assertEquals(first[0]?.includes("connection: close"), false);
  assertEquals(first.slice(1), ["idle", "GET /2", "end"]);
  const last = rig.respond(200, "2");
  assertEquals(last[0]?.includes("connection: close"), true);
  assertEquals(last.slice(1), ["over"]);
  const several = new Rig();
  several.receive(GET + GET + GET);
  several.engine.receiveEnd();
  several.onBegin = () =>
    void several.engine.respond({ status: 200, statusText: "", headers: [] }, null);
  assertEquals(several.respond(200).filter((event) => event === "end").length, 2);
});

Deno.test("receiveEnd() is a violation when a head or content is cut", () => {
  const refusal = [
    "ERR_HTTP_INCOMPLETE",
    "> HTTP/1.1 400 Bad Request|connection: close|why||",
    "over",
  ];
  for (const request of ["GET / HT", "GET / HTTP/1.1\r\n", post(3, "ab"), chunked("0\r\n")]) {
    const rig = new Rig();
    rig.receive(request);
    assertEquals(rig.during(() => rig.engine.receiveEnd()), refusal);
  }
  const behind = new Rig();
  behind.receive(`${GET}GET /`);
  behind.engine.receiveEnd();
  assertEquals(behind.respond(200).slice(1), ["idle", ...refusal]);
});

Deno.test("shutdown() is over at once when the connection idles", () => {
  const rig = new Rig();
  assertEquals(rig.during(() => rig.engine.shutdown()), ["over"]);
  assertEquals(rig.during(() => rig.engine.shutdown()), []);
});

Deno.test("shutdown() has the exchange at work say close, and drops what is behind", () => {
  const rig = new Rig();
  rig.receive(GET + get("/2"));
  assertEquals(rig.during(() => rig.engine.shutdown()), []);
  assertEquals(rig.respond(200, "hi"), [CLOSES, "over"]);
});

Deno.test("shutdown() lets a response that has begun end", () => {
  const rig = new Rig();
  rig.receive(GET);
  rig.respond(200, STREAM);
  assertEquals(rig.during(() => rig.engine.shutdown()), []);
  assertEquals(rig.during(() => rig.engine.sendEnd()), ["> 0||", "over"]);
});

Deno.test("refuse() says why, and to HEAD only how much it would say", () => {
  const bad = "/ HTTP/1.1\r\n\r\n";
  const written: string[] = [];
  for (const method of ["GET", "HEAD"]) {
    const rig = new Rig();
    rig.write = (data) => void written.push(`${data}`);
    rig.receive(`${method} ${bad}`);
  }
  const why = "Cannot read the request: Host is not one valid host\n";
  assertEquals(written[0]!.endsWith(`content-length: ${why.length}\r\n\r\n${why}`), true);
  assertEquals(written[1]!, written[0]!.slice(0, -why.length));
  const late = new Rig();
  late.receive(`HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
  late.write = (data) => void written.push(`${data}`);
  late.receive("x\r\n");
  assertEquals(written[2]!.endsWith("\r\n\r\n"), true);
  const behind = new Rig();
  behind.receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  behind.respond(200);
  behind.write = (data) => void written.push(`${data}`);
  behind.receive(`GET ${bad}`);
  assertEquals(written[3], written[0]);
});

Deno.test("refuse() answers by itself when no response has begun, and is over", () => {
  const rig = new Rig();
  rig.receive(GET);
  assertEquals(rig.during(() => rig.engine.refuse(503)), [
    "> HTTP/1.1 503 Service Unavailable|connection: close|why||",
    "over",
  ]);
  assertEquals(rig.during(() => rig.engine.refuse(503)), []);
});

Deno.test("refuse() only is over when a response has begun", () => {
  const rig = new Rig();
  rig.receive(GET);
  rig.respond(200, STREAM);
  assertEquals(rig.during(() => rig.engine.refuse(503)), ["over"]);
});

// --- Other protocols -----------------------------------------------------------------------------

const UPGRADE = get("/", "Connection: Upgrade\r\nUpgrade: x");

Deno.test("handOver() gives what came behind the request when it is answered by 101", () => {
  const rig = new Rig();
  assertEquals(rig.receive(`${UPGRADE}ab`), ["GET /", "end"]);
  assertEquals(rig.respond(101, null, ["connection", "upgrade", "upgrade", "x"]), [
    "> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||",
  ]);
  assertEquals(rig.receive("c"), []);
  const early = rig.engine.handOver();
  assertEquals(latin1(early, 0, early.length), "abc");
  assertEquals(rig.engine.handOver().length, 0);
});

Deno.test("handOver() gives what came behind CONNECT when it is answered by 200", () => {
  const rig = new Rig();
  rig.receive("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\nGET / HTTP/1.1\r\n");
  assertEquals(rig.respond(200), ["> HTTP/1.1 200 OK||"]);
  const early = rig.engine.handOver();
  assertEquals(latin1(early, 0, early.length), "GET / HTTP/1.1\r\n");
});

Deno.test("a request for another protocol is like all others when the answer is not 101", () => {
  const rig = new Rig();
  rig.receive(UPGRADE + get("/2"));
  assertEquals(rig.respond(200).slice(1), ["idle", "GET /2", "end"]);
});

Deno.test("the engine tells nothing after its end when the request goes on behind it", () => {
  for (
    const rest of [
      "GET / HTTP/1.0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\n" +
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nno chunk\r\n",
    ]
  ) {
    const rig = new Rig();
    rig.onBegin = () => rig.respond(200, "hi");
    assertEquals(rig.receive(rest).at(-1), "over");
  }
});

Deno.test("connectionLost() lets no request begin that waited when a response ends after it", () => {
  const rig = new Rig();
  rig.receive(GET + get("/2"));
  rig.respond(200, STREAM);
  rig.engine.connectionLost();
  assertEquals(rig.during(() => rig.engine.sendEnd()).slice(1), []);
  assertEquals(rig.receive(get("/3")), []);
});
