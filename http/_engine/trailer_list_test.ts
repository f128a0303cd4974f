import { assertEquals } from "@std/assert";
import { TrailerList } from "./trailer_list.ts";

/** Reads lines; gives the fields as text, or a code. */
function read(lines: readonly string[], folds: boolean = false): string[] | null {
  const bytes = new TextEncoder().encode(`0\r\n${lines.map((line) => `${line}\r\n`).join("")}`);
  const list = new TrailerList();
  for (let at = 3; at < bytes.length;) {
    const next = list.read(bytes, at, bytes.length, folds);
    if (typeof next !== "number") return [next.code];
    at = next;
  }
  bytes.fill(0);
  const fields = list.toFields();
  return fields === null ? null : [...fields].map(([name, value]) => `${name}: ${value}`);
}

Deno.test("TrailerList keeps fields in their order when their bytes are gone", () => {
  assertEquals(read(["ETag: a", "x:b ", "etag:"]), ["ETag: a", "x: b", "etag: "]);
  assertEquals(read([]), null);
});

Deno.test("TrailerList leaves out what frames or routes (RFC 9110, 6.5.1)", () => {
  assertEquals(read(["Host: a", "A: b", "CONTENT-LENGTH: 5", "Transfer-Encoding: chunked"]), [
    "A: b",
  ]);
  assertEquals(read(["Host: a", "Trailer: b"]), null);
});

Deno.test("TrailerList refuses what is no field", () => {
  for (const line of ["a", ": b", "a b: c", "a: \0", "Host : a", "a: b\rc"]) {
    assertEquals(read([line]), ["ERR_HTTP_INVALID_FIELD"]);
  }
});

Deno.test("TrailerList joins folds when they are allowed, and refuses them when not", () => {
  const lines = ["A: a", "\tb ", " c", "Host: d", " e", "B:", " f"];
  assertEquals(read(lines, true), ["A: a b c", "B: f"]);
  assertEquals(read(lines), ["ERR_HTTP_INVALID_FIELD"]);
  assertEquals(read([" a: b"], true), ["ERR_HTTP_INVALID_FIELD"]);
});

Deno.test("TrailerList counts bytes and fields, those it leaves out included", () => {
  const bytes = new TextEncoder().encode("A: b\r\nHost: c\r\n d\r\n");
  const list = new TrailerList();
  const counts = [[list.size, list.count]];
  for (let at = 0; at < bytes.length;) {
    const next = list.read(bytes, at, bytes.length, true);
    at = Number(next);
    counts.push([list.size, list.count]);
  }
  assertEquals(counts, [[0, 0], [6, 1], [15, 2], [19, 2]]);
});

Deno.test("TrailerList adds nothing when a line is incomplete", () => {
  const bytes = new TextEncoder().encode("A: b\r\n");
  const list = new TrailerList();
  for (let end = 0; end < bytes.length; end++) {
    assertEquals(list.read(bytes, 0, end, false), 0);
  }
  assertEquals([list.size, list.count, list.toFields()], [0, 0, null]);
});
