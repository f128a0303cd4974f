import { assertEquals } from "@std/assert";
import { latin1, MOST_BYTES_OF_A_LETTER, utf8, utf8Into, utf8Length } from "./text.ts";

Deno.test("latin1() gives each byte's character when all 256 are there", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const text = latin1(bytes, 0, 256);
  assertEquals(text.length, 256);
  assertEquals(Array.from(text, (letter) => letter.charCodeAt(0)), [...bytes]);
  assertEquals(latin1(bytes, 65, 68), "ABC");
});

Deno.test("utf8(), utf8Into() and utf8Length() agree with TextEncoder when letters take 1 to 4 bytes", () => {
  for (const text of ["", "plain", "Grüße", "日本", "🦕 and \ud800"]) {
    const expected = new TextEncoder().encode(text);
    assertEquals([...utf8(text)], [...expected]);
    assertEquals(utf8Length(text), expected.length);
    const most = new Uint8Array(2 + text.length * MOST_BYTES_OF_A_LETTER);
    assertEquals(utf8Into(text, most, 2), expected.length);
    assertEquals([...most.subarray(2, 2 + expected.length)], [...expected]);
  }
});
