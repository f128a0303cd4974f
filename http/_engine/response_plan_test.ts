import { assertEquals, assertThrows } from "@std/assert";
import {
  type Content,
  headOf,
  planResponse,
  type ResponseContext,
  type ResponsePlan,
} from "./response_plan.ts";

const CONTEXT: ResponseContext = {
  method: "GET",
  minor: 1,
  keepAlive: true,
  keepAliveLines: "connection: keep-alive\r\n",
  date: () => "now",
};

interface Case {
  status?: number;
  statusText?: string;
  headers?: string[];
  content: Content;
  method?: string;
  minor?: 0 | 1;
  keepAlive?: boolean;
}

function plan({ status = 200, statusText = "", headers = [], content, ...context }: Case) {
  return planResponse({ status, statusText, headers }, content, { ...CONTEXT, ...context });
}

/** The head without status line, date and what keeps the connection, and the decision. */
function shown(made: ResponsePlan): string[] {
  const lines = headOf(made).split("\r\n").slice(1, -2)
    .filter((line) => line !== "date: now" && line !== "connection: keep-alive");
  const length = made.framing === "length" ? ` ${made.length}` : "";
  return [...lines, `= ${made.framing}${length}${made.keepAlive ? "" : " closes"}`];
}

Deno.test("planResponse() writes status line, fields, date, connection and length in order", () => {
  const made = plan({
    status: 201,
    statusText: "Made",
    headers: ["X-A", "1", "x-a", "2"],
    content: 5,
  });
  assertEquals(
    headOf(made),
    "HTTP/1.1 201 Made\r\nX-A: 1\r\nx-a: 2\r\ndate: now\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\n",
  );
  assertEquals([made.framing, made.length, made.keepAlive], ["length", 5, true]);
  assertEquals([made.switches, made.sent], [false, 0]);
});

const CASES: [name: string, given: Case, expected: string[]][] = [
  ["content is empty", { content: 0 }, ["content-length: 0", "= length 0"]],
  ["there is no content", { content: "none" }, ["content-length: 0", "= length 0"]],
  ["content streams", { content: "stream" }, ["transfer-encoding: chunked", "= chunked"]],
  ["content streams to HTTP/1.0", { content: "stream", minor: 0 }, [
    "connection: close",
    "= close closes",
  ]],
  ["a stream's length is declared", { content: "stream", headers: ["Content-Length", "7"] }, [
    "content-length: 7",
    "= length 7",
  ]],
  [
    "a stream's length is declared to HTTP/1.0",
    { content: "stream", headers: ["content-length", "7"], minor: 0 },
    ["content-length: 7", "= length 7"],
  ],
  ["another length is declared", { content: 5, headers: ["content-length", "7"] }, [
    "content-length: 5",
    "= length 5",
  ]],
  ["Transfer-Encoding is declared", { content: 5, headers: ["Transfer-Encoding", "gzip"] }, [
    "content-length: 5",
    "= length 5",
  ]],
  ["the connection may not go on", { content: 5, keepAlive: false }, [
    "connection: close",
    "content-length: 5",
    "= length 5 closes",
  ]],
  ["the handler says close", { content: 5, headers: ["Connection", "X, Close ,x"] }, [
    "connection: x, close",
    "content-length: 5",
    "= length 5 closes",
  ]],
  [
    "the handler says keep-alive on a connection that may not go on",
    { content: 5, headers: ["connection", "keep-alive", "keep-alive", "9"], keepAlive: false },
    ["connection: close", "content-length: 5", "= length 5 closes"],
  ],
  ["the handler says what is not close", { content: 5, headers: ["connection", "closed"] }, [
    "connection: closed, keep-alive",
    "content-length: 5",
    "= length 5",
  ]],
  ["the handler sends Upgrade", { status: 426, content: 0, headers: ["Upgrade", "foo"] }, [
    "Upgrade: foo",
    "connection: upgrade, keep-alive",
    "content-length: 0",
    "= length 0",
  ]],
  [
    "the handler sends Upgrade and its option",
    { content: 0, headers: ["connection", "Upgrade, x", "upgrade", "foo"], keepAlive: false },
    ["upgrade: foo", "connection: upgrade, x, close", "content-length: 0", "= length 0 closes"],
  ],
  ["names are like those of the engine", { content: 5, headers: ["x-connecti", "close"] }, [
    "x-connecti: close",
    "content-length: 5",
    "= length 5",
  ]],
  ["HEAD is answered with content", { content: 5, method: "HEAD" }, [
    "content-length: 5",
    "= none",
  ]],
  ["HEAD is answered without content", { content: "none", method: "HEAD" }, ["= none"]],
  [
    "HEAD is answered with a declared length",
    { content: "none", method: "HEAD", headers: ["content-length", "7"] },
    ["content-length: 7", "= none"],
  ],
  ["HEAD is answered by a stream", { content: "stream", method: "HEAD" }, ["= none"]],
  [
    "HEAD is answered by a stream of a declared length",
    { content: "stream", method: "HEAD", headers: ["content-length", "7"] },
    ["content-length: 7", "= none"],
  ],
  ["HEAD is answered to HTTP/1.0", { content: "stream", method: "HEAD", minor: 0 }, ["= none"]],
  ["the status is 204", { status: 204, content: "none" }, ["= none"]],
  ["the status is 204 with a length", {
    status: 204,
    content: 5,
    headers: ["content-length", "5", "transfer-encoding", "chunked"],
  }, ["= none"]],
  ["the status is 205", { status: 205, content: "none" }, ["content-length: 0", "= none"]],
  ["the status is 205 with a length", {
    status: 205,
    content: "stream",
    headers: ["content-length", "5"],
  }, ["content-length: 0", "= none"]],
  ["the status is 304", { status: 304, content: "none" }, ["= none"]],
  ["the status is 304 with a length", {
    status: 304,
    content: "none",
    headers: ["content-length", "5"],
  }, ["content-length: 5", "= none"]],
  ["the status is 304 with content", { status: 304, content: 5 }, ["= none"]],
  ["an error is answered", { status: 500, content: 3 }, ["content-length: 3", "= length 3"]],
  ["CONNECT is refused", { status: 407, content: 3, method: "CONNECT" }, [
    "content-length: 3",
    "= length 3",
  ]],
];

for (const [name, given, expected] of CASES) {
  Deno.test(`planResponse() decides the framing when ${name}`, () => {
    assertEquals(shown(plan(given)), expected);
  });
}

Deno.test("planResponse() switches when the status is 101, and says nothing of its own", () => {
  const made = plan({
    status: 101,
    content: "none",
    headers: ["connection", "Upgrade", "upgrade", "x", "content-length", "5"],
  });
  assertEquals(
    headOf(made),
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: x\r\ndate: now\r\n\r\n",
  );
  assertEquals([made.framing, made.switches], ["none", true]);
});

Deno.test("planResponse() switches when CONNECT is answered by 2xx (RFC 9110, 9.3.6)", () => {
  const made = plan({ method: "CONNECT", content: 5, headers: ["transfer-encoding", "chunked"] });
  assertEquals(headOf(made), "HTTP/1.1 200 OK\r\ndate: now\r\n\r\n");
  assertEquals([made.framing, made.switches], ["none", true]);
});

Deno.test("planResponse() leaves Date to the handler when it is given", () => {
  const made = plan({ content: 0, headers: ["DATE", "then"] });
  assertEquals(headOf(made).match(/date: .*/gi), ["DATE: then"]);
});

Deno.test("planResponse() throws ERR_HTTP_INVALID_HEADER when Content-Length is no number", () => {
  for (const value of ["", "-1", "+1", "1.5", "1,1", " 1", "0x1", "9".repeat(16), "1\r\nA: b"]) {
    const given: Case = { content: "stream", headers: ["content-length", value] };
    const error = assertThrows(() => plan(given), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_HTTP_INVALID_HEADER");
  }
});

Deno.test("planResponse() throws ERR_HTTP_INVALID_HEADER when an option of Connection is no token", () => {
  const given: Case = { content: 0, headers: ["connection", "a b"] };
  const error = assertThrows(() => plan(given), TypeError);
  assertEquals((error as { code?: string }).code, "ERR_HTTP_INVALID_HEADER");
});

Deno.test("planResponse() throws the head writer's errors", () => {
  const header = assertThrows(() => plan({ content: 0, headers: ["a", "b\r\nc: d"] }), TypeError);
  assertEquals((header as { code?: string }).code, "ERR_HTTP_INVALID_HEADER");
  const status = assertThrows(() => plan({ content: 0, statusText: "a\r\nb" }), RangeError);
  assertEquals((status as { code?: string }).code, "ERR_HTTP_INVALID_STATUS");
});

Deno.test("planResponse() gives the opening of before when a list of the same fields is another's", () => {
  const headers = ["content-type", "a/b", "x-a", "1"];
  const { opening } = plan({ headers, content: 1 });
  assertEquals(plan({ headers: [...headers], content: 2 }).opening === opening, true);
  // The list is its owner's, who may change it.
  headers[3] = "2";
  assertEquals(headOf(plan({ headers, content: 1 })).includes("x-a: 2\r\n"), true);
  for (const other of [headers.slice(0, 2), [...headers, "x-b", "1"], ["x-a", "2"]]) {
    const made = plan({ headers: other, content: 1 });
    assertEquals(shown(made).length, other.length / 2 + 2);
  }
});

Deno.test("planResponse() says the length that there is when it is another than before", () => {
  for (const content of [3, 3, 0, 3, 12]) {
    assertEquals(shown(plan({ content })), [`content-length: ${content}`, `= length ${content}`]);
  }
});
