import { assertEquals } from "@std/assert";
import { areExtensions, MOST_SIZE_DIGITS, sizeDigits, sizeOf } from "./chunk_line.ts";

/** The size that a line says when it lies between other bytes; -1 when it is malformed. */
function read(line: string): number {
  const bytes = Uint8Array.from(`ff;x=${line}0;`, (letter) => letter.charCodeAt(0));
  const stop = 5 + line.length;
  const digits = sizeDigits(bytes, 5, stop);
  return areExtensions(bytes, 5 + digits, stop) ? sizeOf(bytes, 5, digits) : -1;
}

const SIZES: [line: string, size: number][] = [
  ["0", 0],
  ["5", 5],
  ["a", 10],
  ["F", 15],
  ["1A", 26],
  ["ff", 255],
  ["0005", 5],
  ["deadBEEF", 0xdeadbeef],
  ["1fffffffffffff", Number.MAX_SAFE_INTEGER],
  ["00000000000000000000000000000005", 5],
];

for (const [line, size] of SIZES) {
  Deno.test(`sizeOf() gives ${size} when the line is ${line}`, () => {
    assertEquals(read(line), size);
  });
}

const EXTENSIONS = [
  ";a",
  ";a=b",
  ";a=b;c",
  ";a;b;c=d",
  ' ; a = "b c"',
  "\t;\ta\t=\tb",
  ';a=""',
  ';a="\\""',
  ';a="\\\\"',
  ';a="\\ "',
  ';a=";=,"',
  ';a="\x80\xff"',
  ";!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~",
];

for (const extension of EXTENSIONS) {
  Deno.test(`areExtensions() takes ${JSON.stringify(extension)}`, () => {
    assertEquals(read(`1f${extension}`), 31);
  });
}

const MALFORMED = [
  "",
  " ",
  ";a",
  " 5",
  "5 ",
  "5\t",
  "g",
  "5g",
  "-5",
  "+5",
  "0x5",
  "5.0",
  "5,5",
  "5 5",
  "20000000000000",
  "fffffffffffffffff",
  `${"0".repeat(MOST_SIZE_DIGITS)}5`,
  "5;",
  "5;;a",
  "5;a;",
  "5;=b",
  "5;a=",
  "5;a= ",
  "5;a=b c",
  "5;a b",
  "5;a==b",
  "5;a,b",
  '5;"a"=b',
  '5;a="b',
  '5;a="b\\',
  '5;a="b\\"',
  '5;a="b"c',
  '5;a="\x00"',
  '5;a="\\\x01"',
  '5;a="\r"',
  '5;a="\x7f"',
  "5;a\x00",
  "5;a=\x80",
  "5\r",
  "5\x0b;a",
];

for (const line of MALFORMED) {
  Deno.test(`sizeOf() or areExtensions() refuses ${JSON.stringify(line)}`, () => {
    assertEquals(read(line), -1);
  });
}

Deno.test("sizeDigits() counts up to the end that is given", () => {
  const bytes = Uint8Array.from("fFfg", (letter) => letter.charCodeAt(0));
  assertEquals([0, 1, 2, 3, 4].map((end) => sizeDigits(bytes, 0, end)), [0, 1, 2, 3, 3]);
});
