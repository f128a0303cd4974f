import { assertEquals } from "@std/assert";
import { Fields } from "./fields.ts";
import { KnownSection } from "./known_section.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const FIELDS = Fields.of(["Host", "a"]);

Deno.test("KnownSection standsAt() is true when every byte of the section stands there again", () => {
  const known = new KnownSection();
  const section = bytes("..Host: a\r\n\r\n");
  assertEquals(known.standsAt(section, 2, section.length), false);
  known.keep(section, 2, section.length, FIELDS);
  assertEquals([known.length, known.fields], [11, FIELDS]);
  assertEquals(known.standsAt(section, 2, section.length), true);
  assertEquals(known.standsAt(section, 1, section.length), false);
  assertEquals(known.standsAt(section, 2, section.length - 1), false);
  assertEquals(known.standsAt(bytes("Host: a\r\n\r\nmore"), 0, 15), true);
  for (let at = 2; at < section.length; at++) {
    const other = section.slice();
    other[at]! ^= 1;
    assertEquals(known.standsAt(other, 2, other.length), false);
  }
});

Deno.test("KnownSection keep() copies the bytes when their owner uses them again", () => {
  const known = new KnownSection();
  const section = bytes("Host: a\r\n\r\n");
  known.keep(section, 0, section.length, FIELDS);
  section.fill(0);
  assertEquals(known.standsAt(section, 0, section.length), false);
  assertEquals(known.standsAt(bytes("Host: a\r\n\r\n"), 0, 11), true);
});

Deno.test("KnownSection keep() holds nothing when a section is long or empty", () => {
  const known = new KnownSection();
  known.keep(new Uint8Array(3_000), 0, 3_000, FIELDS);
  assertEquals(known.length, 0);
  known.keep(bytes("\r\n"), 0, 2, Fields.NONE);
  assertEquals(known.length, 0);
});

Deno.test("KnownSection forget() forgets when another section is being read", () => {
  const known = new KnownSection();
  known.keep(bytes("Host: a\r\n\r\n"), 0, 11, FIELDS);
  known.forget();
  assertEquals(known.standsAt(bytes("Host: a\r\n\r\n"), 0, 11), false);
});
