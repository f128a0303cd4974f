import { assertEquals } from "@std/assert";
import { ANSWERS } from "./client_answers.ts";
import { CALLS } from "./client_calls.ts";
import { CHUNKS } from "./client_chunks.ts";
import { CODED } from "./client_codings.ts";
import { readAnswers } from "./response_parser.ts";
import { SERVER_CASES } from "./server_cases.ts";

const OK = "HTTP/1.1 200 OK\r\n";

Deno.test("readAnswers() reads each framing when all is well", () => {
  const text = "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" +
    `${OK}Content-Length: 2\r\n\r\nab` +
    `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\nX-T: 1\r\n\r\n` +
    `HTTP/1.1 204 No\r\n\r\n${OK}\r\nef`;
  const { finals, broken, rest } = readAnswers(text, [], true);
  assertEquals([broken, rest], [null, ""]);
  assertEquals(finals.map(({ body }) => body), ["ab", "cd", "", "ef"]);
  assertEquals(finals.map(({ complete, faults }) => [complete, faults]), Array(4).fill([true, []]));
  assertEquals(finals.map(({ interim }) => interim.length), [1, 0, 0, 0]);
  assertEquals(finals[1]?.trailers, [["X-T", "1"]]);
});

Deno.test("readAnswers() waits when an answer is not complete", () => {
  for (const text of ["HTT", OK, `${OK}Content-Length: 5\r\n\r\nab`, `${OK}\r\nab`]) {
    const { finals, broken } = readAnswers(text, [], false);
    assertEquals([finals.some(({ complete }) => complete), broken], [false, null]);
  }
});

for (
  const [fault, head] of [
    ["both framings", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"],
    ["more than one Content-Length", "Content-Length: 0\r\nContent-Length: 0\r\n"],
    ["bad Content-Length", "Content-Length: -0\r\n"],
    ["bad Date", "Content-Length: 0\r\nDate: today\r\n"],
    [
      "more than one Date",
      `Content-Length: 0\r\n${"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n".repeat(2)}`,
    ],
    ['bad field line "x y: 1"', "Content-Length: 0\r\nx y: 1\r\n"],
  ] as const
) {
  Deno.test(`readAnswers() finds a fault when there is ${fault}`, () => {
    assertEquals(readAnswers(`${OK}${head}\r\n`, [], true).finals[0]?.faults, [fault]);
  });
}

Deno.test("readAnswers() stops when what comes is no answer", () => {
  for (const text of ["hello", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n"]) {
    assertEquals(readAnswers(text, [], true).broken === null, false);
  }
});

Deno.test("The cases have names of their own when all are taken together", () => {
  const server = Object.values(SERVER_CASES).flat().map(({ id }) => id);
  const client = [...ANSWERS, ...CHUNKS, ...CALLS, ...CODED].map(({ id }) => id);
  for (const ids of [server, client]) {
    assertEquals(ids.filter((id, at) => ids.indexOf(id) !== at), []);
  }
});
