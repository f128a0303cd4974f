import { assert, assertEquals } from "@std/assert";
import { Fields } from "./fields.ts";

const TEXT = "Host: a\r\nSet-Cookie: x=1\r\nset-cookie:  y=2 \r\n";

/** The marks as a reader would make them. */
function marksOf(text: string): number[] {
  const marks: number[] = [];
  let start = 0;
  for (const line of text.split("\r\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1);
    const first = start + colon + 1 + (value.length - value.trimStart().length);
    marks.push(start, start + colon, first, first + value.trim().length);
    start += line.length + 2;
  }
  return marks;
}

for (
  const [kind, fields] of [
    ["parsed", Fields.parsed(TEXT, marksOf(TEXT), 3)],
    ["listed", Fields.of(["Host", "a", "Set-Cookie", "x=1", "set-cookie", "y=2"])],
  ] as const
) {
  Deno.test(`Fields keeps order and letters when ${kind}`, () => {
    assertEquals([...fields], [["Host", "a"], ["Set-Cookie", "x=1"], ["set-cookie", "y=2"]]);
    assertEquals(fields.count, 3);
  });

  Deno.test(`Fields finds by name in any case when ${kind}`, () => {
    assertEquals(fields.get("host"), "a");
    assertEquals(fields.get("set-cookie"), "x=1, y=2");
    assertEquals(fields.all("set-cookie"), ["x=1", "y=2"]);
    assertEquals(fields.get("hos"), null);
    assertEquals(fields.has("cookie"), false);
    assertEquals(fields.find("set-cookie", 2), 2);
  });

  Deno.test(`Fields leaves lines out by name in any case when ${kind}`, () => {
    const rest = fields.without(new Set(["set-cookie", "x"]));
    assertEquals([[...rest], rest.count], [[["Host", "a"]], 1]);
  });
}

Deno.test("Fields equals() tells those of the same text from others", () => {
  const fields = Fields.parsed(TEXT, marksOf(TEXT), 3);
  assert(fields.equals(fields) && fields.equals(Fields.parsed(TEXT, marksOf(TEXT), 3)));
  const other = TEXT.replace("Host", "host");
  assertEquals(fields.equals(Fields.parsed(other, marksOf(other), 3)), false);
  assertEquals(fields.equals(Fields.parsed(TEXT, marksOf(TEXT), 2)), false);
  assertEquals(Fields.of(["a", "b"]).equals(Fields.of(["a", "b"])), false);
});

Deno.test("Fields.NONE is empty when asked for anything", () => {
  assertEquals([...Fields.NONE], []);
  assertEquals(Fields.NONE.get("host"), null);
});
