import { assert, assertEquals } from "@std/assert";
import {
  FIELD_BYTE,
  FIELD_VALUE,
  FORBIDDEN_TRAILERS,
  hexDigit,
  isAuthorityForm,
  isDigit,
  isHost,
  isText,
  listElements,
  listHas,
  PROTOCOL,
  QUERY_BYTE,
  TARGET_BYTE,
  TCHAR,
  TOKEN,
  trimOws,
} from "./grammar.ts";

/** The letters that a table allows. */
function allowed(table: Uint8Array): string {
  return [...table.keys()].filter((byte) => table[byte] === 1)
    .map((byte) => String.fromCharCode(byte)).join("");
}

const DIGITS = "0123456789";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const OBS_TEXT = Array.from({ length: 128 }, (_, at) => String.fromCharCode(128 + at)).join("");

Deno.test("TCHAR allows what a token may hold and nothing else", () => {
  assertEquals(allowed(TCHAR), `!#$%&'*+-.${DIGITS}${UPPER}^_\`${LOWER}|~`);
  assertEquals(TCHAR.length, 256);
});

Deno.test("FIELD_BYTE allows HTAB, SP, visible letters and obs-text and nothing else", () => {
  const visible = `!"#$%&'()*+,-./${DIGITS}:;<=>?@${UPPER}[\\]^_\`${LOWER}{|}~`;
  assertEquals(allowed(FIELD_BYTE), `\t ${visible}${OBS_TEXT}`);
});

Deno.test("TARGET_BYTE allows the letters of a URI without fragment and nothing else", () => {
  assertEquals(allowed(TARGET_BYTE), `!$%&'()*+,-./${DIGITS}:;=?@${UPPER}[]^_${LOWER}|~`);
});

Deno.test("QUERY_BYTE allows what browsers send in a query and nothing else", () => {
  const more = `!$%&'()*+,-./${DIGITS}:;=?@${UPPER}[\\]^_\`${LOWER}{|}~`;
  assertEquals(allowed(QUERY_BYTE), more);
});

Deno.test("listElements() gives the elements without whitespace and without empty ones", () => {
  assertEquals(listElements("a"), ["a"]);
  assertEquals(listElements(" ,\ta b , ,c,"), ["a b", "c"]);
  assertEquals(listElements(""), []);
  assertEquals(listElements(" , "), []);
});

Deno.test("TOKEN agrees with TCHAR on every letter", () => {
  for (let byte = 0; byte < 256; byte++) {
    const letter = String.fromCharCode(byte);
    assertEquals([byte, TOKEN.test(letter)], [byte, TCHAR[byte] === 1]);
    assertEquals([byte, TOKEN.test(`a${letter}a`)], [byte, TCHAR[byte] === 1]);
  }
  assertEquals(TOKEN.test(""), false);
  assertEquals(TOKEN.test("a\n"), false);
});

Deno.test("FIELD_VALUE refuses controls, and letters beyond a byte", () => {
  for (let code = 0; code < 0x110; code++) {
    const allowed = code === 9 || (code >= 0x20 && code !== 0x7f && code <= 0xff);
    assertEquals([code, FIELD_VALUE.test(`a${String.fromCharCode(code)}b`)], [code, allowed]);
  }
  assertEquals([FIELD_VALUE.test(""), FIELD_VALUE.test("a\n")], [true, false]);
});

Deno.test("PROTOCOL takes a name, with a version or without", () => {
  for (const protocol of ["websocket", "HTTP/2.0", "a/b"]) assert(PROTOCOL.test(protocol));
  for (const other of ["", "a/", "/1", "a/b/c", "a b", "a,b", "a\n"]) {
    assertEquals([other, PROTOCOL.test(other)], [other, false]);
  }
});

Deno.test("isDigit() tells the bytes of 0 to 9 from all others", () => {
  const digits = Array.from({ length: 256 }, (_, byte) => byte).filter(isDigit);
  assertEquals(String.fromCharCode(...digits), "0123456789");
});

Deno.test("hexDigit() gives the value of digits and -1 for all other bytes", () => {
  for (let byte = 0; byte < 256; byte++) {
    const value = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
    assertEquals([byte, hexDigit(byte)], [byte, value]);
  }
});

const HOSTS = [
  "",
  "a",
  "a.test",
  "A.Test",
  "a.test.",
  "a.test:80",
  "a.test:",
  "a.test:0",
  "a.test:65535",
  "a.test:00080",
  "127.0.0.1",
  "127.0.0.1:8080",
  "999.999.999.999",
  "a_b-c~d",
  "a%20b",
  "!$&'()*+;=",
  "[::]",
  "[::1]",
  "[::1]:80",
  "[1:2:3:4:5:6:7:8]",
  "[1:2:3:4:5:6:7::]",
  "[::2:3:4:5:6:7:8]",
  "[::ffff:127.0.0.1]",
  "[1:2:3:4:5:6:127.0.0.1]",
  "[ABCD:ef01::]",
  "[v1.a:b]",
  "[Vf.!$&]:80",
];

for (const host of HOSTS) {
  Deno.test(`isHost() gives true for ${JSON.stringify(host)}`, () => {
    assertEquals(isHost(host), true);
  });
}

const NO_HOSTS = [
  " ",
  " a",
  "a ",
  "a b",
  "a,b",
  "a/b",
  "a?b",
  "a#b",
  "a@b",
  "u:p@a",
  "http://a",
  "a:b",
  "a:80:80",
  "a:65536",
  "a:99999",
  "a:000080",
  "a:-1",
  "a: 80",
  "a:80 ",
  "a\x00",
  "a\n",
  "caf\xe9",
  "a\\b",
  "a^b",
  "a|b",
  "a`b",
  "a{b}",
  "<a>",
  '"a"',
  "a%",
  "a%2",
  "a%2g",
  "::1",
  "[]",
  "[",
  "]",
  "[::1",
  "::1]",
  "[::1]a",
  "a[::1]",
  "[::1]:x",
  "[::1]:65536",
  "[:::]",
  "[::1::]",
  "[1:2:3:4:5:6:7]",
  "[1:2:3:4:5:6:7:8:9]",
  "[1:2:3:4:5:6:7:8::]",
  "[12345::]",
  "[g::]",
  "[:1]",
  "[1:]",
  "[1:2:3:4:5:6:7:]",
  "[:2:3:4:5:6:7:8]",
  "[127.0.0.1]",
  "[::127.0.0]",
  "[::127.0.0.256]",
  "[::127.0.0.01]",
  "[::127.0.0.1:1]",
  "[::1%eth0]",
  "[::1%25]",
  "[fe80::1%25eth0]",
  ":80",
  ":",
  "[v.a]",
  "[v1]",
  "[v1.]",
  "[vg.a]",
  "[a.test]",
];

for (const host of NO_HOSTS) {
  Deno.test(`isHost() gives false for ${JSON.stringify(host)}`, () => {
    assertEquals(isHost(host), false);
  });
}

Deno.test("isAuthorityForm() asks for host and port", () => {
  for (const text of ["a.test:443", "[::1]:443", "127.0.0.1:80", "a:0", "a:65535"]) {
    assertEquals([text, isAuthorityForm(text)], [text, true]);
  }
  for (
    const text of [
      "",
      "a.test",
      "a.test:",
      ":443",
      "[::1]",
      "[::1]:",
      "a:65536",
      "a:b",
      "http://a.test:80",
      "a.test:443/",
      "u@a.test:443",
      "*",
      "/",
    ]
  ) {
    assertEquals([text, isAuthorityForm(text)], [text, false]);
  }
});

Deno.test("listHas() finds a token in any case when it is a whole element", () => {
  for (
    const list of ["close", "Close", "CLOSE", "a,close", "close,a", "a, \tclose \t,b", ",close,"]
  ) {
    assertEquals([list, listHas(list, "close")], [list, true]);
  }
  for (
    const list of [
      "",
      "clos",
      "closed",
      "a-close",
      "close;q=1",
      '"close"',
      "clo se",
      "keepa",
      "close\u00a0",
    ]
  ) {
    assertEquals([list, listHas(list, "close")], [list, false]);
  }
});

Deno.test("trimOws() takes SP and HTAB away and nothing else", () => {
  assertEquals(trimOws(" \t a \t b\t "), "a \t b");
  assertEquals(trimOws("\x0ba\x0c"), "\x0ba\x0c");
  assertEquals(trimOws("\u00a0a\u00a0"), "\u00a0a\u00a0");
  assertEquals(trimOws("\r\na\r\n"), "\r\na\r\n");
  assertEquals(trimOws(" \t "), "");
});

Deno.test("FORBIDDEN_TRAILERS holds what frames and routes, in small letters", () => {
  for (const name of ["content-length", "transfer-encoding", "host", "connection", "trailer"]) {
    assertEquals([name, FORBIDDEN_TRAILERS.has(name)], [name, true]);
  }
  assertEquals([...FORBIDDEN_TRAILERS].filter((name) => name !== name.toLowerCase()), []);
  assertEquals(FORBIDDEN_TRAILERS.has("etag"), false);
});

Deno.test("isText() is true when the bytes are the text, and nothing but it", () => {
  const bytes = new TextEncoder().encode("xGETx");
  assertEquals(isText("GET", bytes, 1, 4), true);
  assertEquals(isText("GETx", bytes, 1, 5), true);
  for (const other of ["", "GE", "GEt", "GETx"]) assertEquals(isText(other, bytes, 1, 4), false);
});
