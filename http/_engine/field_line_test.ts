import { assertEquals } from "@std/assert";
import { latin1 } from "../../_core/text.ts";
import { INCOMPLETE, isOws, readFieldLine, readFold, unfold } from "./field_line.ts";

const BEFORE = "GET\r\n";
const BASE = 3;

/** Reads lines as a reader would, behind a few bytes; gives fields as text, or a code. */
function read(lines: readonly string[], folds: boolean = false): string[] {
  const text = `${BEFORE}${lines.join("\r\n")}\r\n`;
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const marks: number[] = [];
  for (let at = BEFORE.length; at < bytes.length;) {
    const isFold = folds && marks.length > 0 && isOws(bytes[at]!);
    const next = (isFold ? readFold : readFieldLine)(bytes, at, bytes.length, BASE, marks);
    if (typeof next !== "number") return [next.code];
    assertEquals(next > at, true);
    at = next;
  }
  const head = unfold(latin1(bytes, BASE, bytes.length));
  const fields: string[] = [];
  for (let at = 0; at < marks.length; at += 4) {
    const [nameFrom, nameTo, from, to] = marks.slice(at, at + 4);
    fields.push(`${head.slice(nameFrom, nameTo)}|${head.slice(from, to)}|`);
  }
  return fields;
}

const FIELDS: [line: string, field: string][] = [
  ["Host: a.test", "Host|a.test|"],
  ["Host:a.test", "Host|a.test|"],
  ["hOsT:\t a \t", "hOsT|a|"],
  ["A:", "A||"],
  ["A: \t ", "A||"],
  ["A: b  c\td", "A|b  c\td|"],
  ["A: b:c", "A|b:c|"],
  ["A::", "A|:|"],
  ["A: caf\xe9\x80\xff", "A|caf\xe9\x80\xff|"],
  ["!#$%&'*+-.^_`|~09azAZ: x", "!#$%&'*+-.^_`|~09azAZ|x|"],
];

for (const [line, field] of FIELDS) {
  Deno.test(`readFieldLine() marks name and value of ${JSON.stringify(line)}`, () => {
    assertEquals(read([line]), [field]);
    assertEquals(read([line], true), [field]);
  });
}

const MALFORMED = [
  ":",
  ": a",
  "Host",
  "Host a",
  "Host : a",
  "Host\t: a",
  " Host: a",
  "\tHost: a",
  " ",
  "Ho st: a",
  "Ho\x00st: a",
  "H\xf6st: a",
  "Ho(st): a",
  "Ho,st: a",
  "A: \x00",
  "A: b\x01",
  "A: b\x08c",
  "A: b\x0bc",
  "A: b\x0c",
  "A: b\rc",
  "A: \r",
  "A: b\nc",
  "A: b\x1f",
  "A: b\x7f",
];

for (const line of MALFORMED) {
  Deno.test(`readFieldLine() gives ERR_HTTP_INVALID_FIELD for ${JSON.stringify(line)}`, () => {
    assertEquals(read([line]), ["ERR_HTTP_INVALID_FIELD"]);
    assertEquals(read([line], true), ["ERR_HTTP_INVALID_FIELD"]);
  });
}

Deno.test("readFieldLine() marks line after line when there are several", () => {
  assertEquals(read(["A: 1", "b:2 ", "A: 3"]), ["A|1|", "b|2|", "A|3|"]);
});

Deno.test("readFieldLine() refuses a fold when folds are off", () => {
  for (const fold of [" b", "\tb", " b: c", " "]) {
    assertEquals(read(["A: a", fold]), ["ERR_HTTP_INVALID_FIELD"]);
  }
});

Deno.test("readFold() puts spaces in place of a fold", () => {
  assertEquals(read(["A: a", " b"], true), ["A|a   b|"]);
  assertEquals(read(["A: a \t", "\t b \t", "B: c"], true), ["A|a      b|", "B|c|"]);
  assertEquals(read(["A: a", " b: c"], true), ["A|a   b: c|"]);
  assertEquals(read(["A: a", " b", " c"], true), ["A|a   b   c|"]);
});

Deno.test("readFold() passes over a fold when it is whitespace", () => {
  assertEquals(read(["A: a", " \t", "B: c"], true), ["A|a|", "B|c|"]);
  assertEquals(read(["A: a", " ", "\tb"], true), ["A|a      b|"]);
});

Deno.test("readFold() begins the value when the line before has none", () => {
  assertEquals(read(["A:", " a"], true), ["A|a|"]);
  assertEquals(read(["A: \t", " ", " a ", " b", "B:"], true), ["A|a    b|", "B||"]);
  assertEquals(read(["A:", " ", "B: b"], true), ["A||", "B|b|"]);
});

Deno.test("readFold() refuses a control byte", () => {
  assertEquals(read(["A: a", " b\x00"], true), ["ERR_HTTP_INVALID_FIELD"]);
  assertEquals(read(["A: a", " b\rc"], true), ["ERR_HTTP_INVALID_FIELD"]);
});

Deno.test("readFieldLine() and readFold() give INCOMPLETE until the line's end is there", () => {
  for (const [line, read] of [["Ab: c d \r\n", readFieldLine], [" c d \r\n", readFold]] as const) {
    const bytes = Uint8Array.from(line, (letter) => letter.charCodeAt(0));
    for (let end = 0; end < line.length; end++) {
      const marks = [0, 1, 2, 3];
      assertEquals([end, read(bytes, 0, end, 0, marks)], [end, INCOMPLETE]);
      assertEquals(marks, [0, 1, 2, 3]);
    }
    assertEquals(read(bytes, 0, line.length, 0, [0, 1, 2, 3]), line.length);
  }
});
