import { assertEquals } from "@std/assert";
import { type FramingResult, requestFraming, responseFraming } from "./framing.ts";

function shown(result: FramingResult): string {
  if (result.kind === "fault") return `fault: ${result.fault}`;
  return result.kind === "length" ? `length ${result.length}` : result.kind;
}

/** Values of Content-Length and Transfer-Encoding, lines joined; and the verdict. */
type Row = [contentLength: string | null, coding: string | null, verdict: string];

const LENGTHS: Row[] = [
  ["0", null, "length 0"],
  ["5", null, "length 5"],
  ["0005", null, "length 5"],
  ["9007199254740991", null, "length 9007199254740991"],
  ["9007199254740992", null, "fault: length"],
  ["00000000000000005", null, "length 5"],
  ["00000000000000000000000000000000000000005", null, "fault: length"],
  ["99999999999999999999", null, "fault: length"],
  ["", null, "fault: length"],
  ["+5", null, "fault: length"],
  ["-5", null, "fault: length"],
  ["5 5", null, "fault: length"],
  ["5.0", null, "fault: length"],
  ["5e1", null, "fault: length"],
  ["0x5", null, "fault: length"],
  ["a", null, "fault: length"],
  ["\u0665", null, "fault: length"],
  ["5\u00a0", null, "fault: length"],
  ["5, 6", null, "fault: length"],
  ["5, ", null, "fault: length"],
  ["5,6", null, "fault: length"],
  ["5,", null, "fault: length"],
  [",5", null, "fault: length"],
];

const REQUESTS: Row[] = [
  ...LENGTHS,
  [null, null, "none"],
  // The same length twice may be repaired (RFC 9112, section 6.3): refused here.
  ["5, 5", null, "fault: length"],
  ["5,5", null, "fault: length"],
  ["5, 5", null, "fault: length"],
  [null, "chunked", "chunked"],
  [null, "CHUNKED", "chunked"],
  [null, "\tchunked ", "chunked"],
  ["5", "chunked", "fault: conflict"],
  ["x", "chunked", "fault: conflict"],
  ["0", "gzip", "fault: conflict"],
  [null, "", "fault: coding"],
  [null, ",", "fault: coding"],
  [null, "identity", "fault: coding"],
  [null, "gzip", "fault: coding"],
  [null, "chunked, gzip", "fault: coding"],
  [null, "chunked, chunked", "fault: coding"],
  [null, "chunked, identity", "fault: coding"],
  [null, "gzip, chunked", "fault: unknown coding"],
  [null, "gzip,deflate,chunked", "fault: unknown coding"],
  [null, "identity, chunked", "fault: unknown coding"],
  [null, "chunked, gzip, chunked", "fault: coding"],
  [null, "foo;a=b, chunked", "fault: unknown coding"],
  [null, "foo ; a = b , chunked", "fault: unknown coding"],
  [null, "chunked;a=b, chunked", "fault: coding"],
  [null, ";a=b, chunked", "fault: coding"],
  [null, "foo, chunked;a=b", "fault: coding"],
  [null, "chunked,", "fault: coding"],
  [null, ",chunked", "fault: coding"],
  [null, "chunked;q=1", "fault: coding"],
  [null, "xchunked", "fault: coding"],
  [null, "chunkedx", "fault: coding"],
  [null, "chun ked", "fault: coding"],
  [null, '"chunked"', "fault: coding"],
  [null, "\x0bchunked", "fault: coding"],
  [null, "\u00a0chunked", "fault: coding"],
  [null, "g zip, chunked", "fault: coding"],
];

for (const [length, coding, verdict] of REQUESTS) {
  const name = JSON.stringify({ length, coding });
  Deno.test(`requestFraming() decides ${verdict} when the fields are ${name}`, () => {
    assertEquals(shown(requestFraming(1, length, coding)), verdict);
    // HTTP/1.0 knows no Transfer-Encoding (section 6.1).
    const older = coding === null ? verdict : "fault: version";
    assertEquals(shown(requestFraming(0, length, coding)), older);
  });
}

const RESPONSES: Row[] = [
  ...LENGTHS,
  [null, null, "close"],
  ["5, 5", null, "length 5"],
  ["5,5", null, "length 5"],
  ["5 , 5, 5", null, "length 5"],
  ["05, 5", null, "length 5"],
  ["5, 5, 6", null, "fault: length"],
  [null, "chunked", "chunked"],
  [null, "Chunked", "chunked"],
  ["5", "chunked", "chunked"],
  ["5", "gzip", "close"],
  ["x", "chunked", "fault: length"],
  ["5, 6", "chunked", "fault: length"],
  [null, "gzip", "close"],
  [null, "identity", "close"],
  [null, "gzip, chunked", "fault: unknown coding"],
  [null, ", chunked", "chunked"],
  [null, "chunked,", "chunked"],
  [null, "", "close"],
  [null, "chunked, gzip", "close"],
  [null, "chunked;a=b", "fault: coding"],
  [null, "chunked, gzip, chunked", "fault: coding"],
  [null, "chunked, chunked", "fault: coding"],
];

for (const [length, coding, verdict] of RESPONSES) {
  const name = JSON.stringify({ length, coding });
  Deno.test(`responseFraming() decides ${verdict} when the fields are ${name}`, () => {
    for (const status of [200, 201, 206, 301, 404, 500, 999]) {
      assertEquals(shown(responseFraming(1, length, coding, "GET", status)), verdict);
      assertEquals(shown(responseFraming(1, length, coding, "POST", status)), verdict);
    }
    const older = coding === null ? verdict : "fault: version";
    assertEquals(shown(responseFraming(0, length, coding, "GET", 200)), older);
  });
}

const BARE: [method: string, status: number][] = [
  ["HEAD", 200],
  ["HEAD", 404],
  ["GET", 100],
  ["GET", 101],
  ["GET", 103],
  ["GET", 199],
  ["POST", 204],
  ["GET", 304],
  ["CONNECT", 200],
  ["CONNECT", 299],
];

for (const [method, status] of BARE) {
  Deno.test(`responseFraming() decides none when ${method} is answered by ${status}`, () => {
    for (const [length, coding] of [[null, null], ["5", null], [null, "chunked"], ["5", "x"]]) {
      assertEquals(shown(responseFraming(1, length!, coding!, method, status)), "none");
    }
    // A tunnel has no content, whatever its head says (RFC 9110, section 9.3.6).
    const wrong = method === "CONNECT" ? "none" : "fault: length";
    assertEquals(shown(responseFraming(1, "x", null, method, status)), wrong);
    const older = method === "CONNECT" ? "none" : "fault: version";
    assertEquals(shown(responseFraming(0, null, "chunked", method, status)), older);
  });
}

Deno.test("responseFraming() decides by the fields when CONNECT is refused", () => {
  assertEquals(shown(responseFraming(1, "5", null, "CONNECT", 407)), "length 5");
  assertEquals(shown(responseFraming(1, "5", null, "CONNECT", 300)), "length 5");
  assertEquals(shown(responseFraming(1, "5", null, "CONNECT", 100)), "none");
});

Deno.test("responseFraming() takes methods by their letters when they look like HEAD", () => {
  assertEquals(shown(responseFraming(1, "5", null, "head", 200)), "length 5");
  assertEquals(shown(responseFraming(1, "5", null, "connect", 200)), "length 5");
});
