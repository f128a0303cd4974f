import { assertEquals } from "@std/assert";
import { KeptBytes } from "./kept_bytes.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const textOf = (kept: KeptBytes) => String.fromCharCode(...kept.bytes.subarray(0, kept.length));

Deno.test("append() keeps copies when parts of chunks come", () => {
  const kept = new KeptBytes();
  const chunk = bytes("abcdef");
  kept.append(chunk, 1, 3);
  chunk.fill(0);
  kept.append(bytes("xyz"), 0, 3);
  assertEquals(textOf(kept), "bcxyz");
});

Deno.test("append() makes room when more comes than there is place for", () => {
  const kept = new KeptBytes();
  for (let count = 0; count < 3000; count++) kept.append(bytes("ab"), 0, 2);
  assertEquals(textOf(kept), "ab".repeat(3000));
});

const ENDS: [before: string, added: string, bare: boolean][] = [
  ["", "abc", false],
  ["", "abc\r", false],
  ["", "a\rc", true],
  ["abc\r", "d", true],
  ["abc\r", "\r", true],
  ["abc", "\rd", true],
];

for (const [before, added, bare] of ENDS) {
  const name = JSON.stringify([before, added]);
  Deno.test(`hasBareCarriageReturn() gives ${bare} when ${name} were added`, () => {
    const kept = new KeptBytes();
    kept.append(bytes(before), 0, before.length);
    kept.append(bytes(added), 0, added.length);
    assertEquals(kept.hasBareCarriageReturn(added.length), bare);
  });
}

Deno.test("hasBareCarriageReturn() looks at the present line alone when others came before", () => {
  const kept = new KeptBytes();
  kept.append(bytes("a\r\n"), 0, 3);
  kept.lineStart = 3;
  kept.append(bytes("bc"), 0, 2);
  assertEquals(kept.hasBareCarriageReturn(2), false);
});
