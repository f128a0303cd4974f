import { assertEquals } from "@std/assert";
import { Fields } from "./fields.ts";
import { HeadFacts, persists, upgradeOf } from "./head_facts.ts";

const NAMES = [
  "host",
  "expect",
  "upgrade",
  "connection",
  "content-length",
  "transfer-encoding",
] as const;

/** Notes the names of a flat list as a reader would. */
function note(facts: HeadFacts, fields: Fields): void {
  for (let line = 0; line < fields.count; line++) {
    const name = fields.name(line);
    const bytes = Uint8Array.from(`:${name}:`, (letter) => letter.charCodeAt(0));
    facts.note(line, bytes, 1, 1 + name.length);
  }
}

/** Each fact that there is: name, whether on one line or more, value. */
function shown(facts: HeadFacts, fields: Fields): string[] {
  return NAMES.filter((name) => facts.value(name, fields) !== null)
    .map((name) =>
      `${name} ${facts.isRepeated(name) ? "twice" : "once"} ${facts.value(name, fields)}`
    );
}

function factsOf(list: readonly string[]): { facts: HeadFacts; fields: Fields } {
  const facts = new HeadFacts();
  const fields = Fields.of(list);
  note(facts, fields);
  return { facts, fields };
}

Deno.test("HeadFacts finds nothing when there are no such fields", () => {
  const names = [
    "Hosts",
    "Hast",
    "Hos",
    "ho.t",
    "Content-Lengths",
    "Content_Length",
    "connectio~",
    "transfer-encodinG2",
    "x".repeat(1000),
  ];
  const { facts, fields } = factsOf(names.flatMap((name) => [name, "1"]));
  assertEquals(shown(facts, fields), []);
  assertEquals(NAMES.filter((name) => facts.isRepeated(name)), []);
});

Deno.test("HeadFacts finds each field when its letters are of any case", () => {
  const { facts, fields } = factsOf([
    "HOST",
    "a.test",
    "X",
    "y",
    "content-LENGTH",
    "5",
    "Transfer-encoding",
    "chunked",
    "cOnNeCtIoN",
    "close",
    "EXPECT",
    "100-continue",
    "upgrade",
    "websocket",
  ]);
  assertEquals(shown(facts, fields), [
    "host once a.test",
    "expect once 100-continue",
    "upgrade once websocket",
    "connection once close",
    "content-length once 5",
    "transfer-encoding once chunked",
  ]);
});

Deno.test("HeadFacts joins values when there are several lines", () => {
  const list = ["1", "2", "3"].flatMap((value) => NAMES.flatMap((name) => [name, value]));
  const { facts, fields } = factsOf(list);
  assertEquals(shown(facts, fields), NAMES.map((name) => `${name} twice 1, 2, 3`));
});

Deno.test("HeadFacts tells empty fields from missing ones", () => {
  const { facts, fields } = factsOf(NAMES.flatMap((name) => [name, ""]));
  assertEquals(shown(facts, fields), NAMES.map((name) => `${name} once `));
});

Deno.test("reset() forgets what the head before had", () => {
  const { facts } = factsOf(NAMES.flatMap((name) => [name, "1", name, "2"]));
  facts.reset();
  const next = Fields.of(["A", "b", "Host", "c"]);
  note(facts, next);
  assertEquals(shown(facts, next), ["host once c"]);
  facts.reset();
  facts.reset();
  assertEquals(shown(facts, next), []);
});

const PERSISTENCE: [connection: string | null, older: boolean, present: boolean][] = [
  [null, false, true],
  ["", false, true],
  ["keep-alive", true, true],
  ["Keep-Alive", true, true],
  ["close", false, false],
  ["CLOSE", false, false],
  ["upgrade", false, true],
  ["upgrade, close", false, false],
  ["keep-alive, upgrade", true, true],
  // Whoever says both means to close (RFC 9112, section 9.3).
  ["keep-alive, close", false, false],
  ["close, keep-alive", false, false],
  ["closed", false, true],
];

for (const [connection, older, present] of PERSISTENCE) {
  Deno.test(`persists() decides by version when Connection is ${connection}`, () => {
    assertEquals([persists(connection, 0), persists(connection, 1)], [older, present]);
  });
}

/** What `upgradeOf()` gives for fields. */
function upgrade(list: readonly string[], minor: number): string | null {
  const { facts, fields } = factsOf(list);
  return upgradeOf(facts, fields, minor);
}

Deno.test("upgradeOf() gives the protocols when Connection names Upgrade in HTTP/1.1", () => {
  const list = ["Upgrade", "websocket, h2c", "Connection", "keep-alive", "Connection", "Upgrade"];
  assertEquals(upgrade(list, 1), "websocket, h2c");
  assertEquals(upgrade([...list, "upgrade", "x"], 1), "websocket, h2c, x");
});

Deno.test("upgradeOf() gives null when version, Connection or Upgrade is not so", () => {
  assertEquals(upgrade(["Upgrade", "websocket", "Connection", "upgrade"], 0), null);
  assertEquals(upgrade(["Upgrade", "websocket"], 1), null);
  assertEquals(upgrade(["Upgrade", "websocket", "Connection", "keep-alive"], 1), null);
  assertEquals(upgrade(["Connection", "upgrade"], 1), null);
});
