import { assert, assertEquals, assertThrows } from "@std/assert";
import { Fields } from "./_engine/fields.ts";
import {
  fieldValue,
  headersOver,
  incomingHeaders,
  listHasField,
  listOfHeaders,
  lowerName,
  readHeaders,
} from "./headers.ts";
import type { HeadersInput } from "./platform.ts";

type Given = NonNullable<HeadersInput>;

/** The code of what a function throws, which has to be a TypeError as the platform's is. */
function codeOf(run: () => unknown): string | undefined {
  return (assertThrows(run, TypeError) as { code?: string }).code;
}

/** The platform's entries in the order of the Fetch standard; Bun has cookies last. */
const sorted = (headers: Headers): [string, string][] =>
  [...headers].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);

const LIST = ["X-B", "1", "Set-Cookie", "a=1", "A", "2", "x-b", "3", "set-cookie", "b=2"];

// --- Both kinds are like the platform's ----------------------------------------------------------

for (
  const [kind, make] of [
    ["incomingHeaders()", () => incomingHeaders(Fields.of(LIST))],
    ["headersOver()", () => headersOver([...LIST])],
  ] as const
) {
  const native = new Headers();
  for (let at = 0; at < LIST.length; at += 2) native.append(LIST[at]!, LIST[at + 1]!);

  Deno.test(`${kind} gives what the platform's headers give when they are read`, () => {
    const headers = make();
    for (const name of ["x-b", "X-B", "a", "set-cookie", "SET-COOKIE", "b", "x-bb"]) {
      assertEquals([name, headers.get(name)], [name, native.get(name)]);
      assertEquals([name, headers.has(name)], [name, native.has(name)]);
    }
    assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
    const entries = sorted(native);
    assertEquals([...headers], entries);
    assertEquals([...headers.entries()], entries);
    assertEquals([...headers.keys()], entries.map(([name]) => name));
    assertEquals([...headers.values()], entries.map(([, value]) => value));
    assertEquals([...headers.keys()], ["a", "set-cookie", "set-cookie", "x-b"]);
    assertEquals(headers.get("x-b"), "1, 3");
  });

  Deno.test(`${kind} calls back as the platform's headers do when forEach() is used`, () => {
    const headers = make();
    const seen: unknown[] = [];
    const self = {};
    headers.forEach(function (this: unknown, value, name, of) {
      seen.push([name, value, this === self, of === headers]);
    }, self);
    assertEquals(seen, sorted(native).map(([name, value]) => [name, value, true, true]));
  });

  Deno.test(`${kind} passes for the platform's headers when it is asked what it is`, () => {
    const headers = make();
    assert(headers instanceof Headers);
    assertEquals(Object.prototype.toString.call(headers), "[object Headers]");
    assertEquals(headers.constructor, Headers);
    assertEquals([...new Headers(headers)], [...native]);
    assertEquals([...new Response(null, { headers }).headers], [...native]);
  });

  Deno.test(`${kind} throws ERR_HTTP_INVALID_HEADER when a name is none`, () => {
    for (const name of ["", "a b", "a:", "\u00e9", "a\n"]) {
      assertEquals(codeOf(() => make().get(name)), "ERR_HTTP_INVALID_HEADER");
      assertEquals(codeOf(() => make().has(name)), "ERR_HTTP_INVALID_HEADER");
    }
  });

  Deno.test(`${kind} keeps order, letters and repetition for listOfHeaders()`, () => {
    assertEquals(listOfHeaders(make()), LIST);
  });
}

Deno.test("listOfHeaders() gives undefined when headers are the platform's", () => {
  assertEquals(listOfHeaders(new Headers()), undefined);
  assertEquals(listOfHeaders({}), undefined);
  assertEquals(listOfHeaders([]), undefined);
});

// --- Changes -------------------------------------------------------------------------------------

Deno.test("incomingHeaders() throws a TypeError when somebody changes them", () => {
  const headers = incomingHeaders(Fields.of(LIST));
  for (
    const change of [
      () => headers.append("a", "b"),
      () => headers.set("a", "b"),
      () => headers.delete("a"),
    ]
  ) {
    assertThrows(change, TypeError);
  }
  assertEquals(listOfHeaders(headers), LIST);
});

type Change = (headers: Headers) => void;

const CHANGES: [name: string, change: Change, list: string[]][] = [
  ["append() adds a line", (headers) => headers.append("C", " 4 "), [...LIST, "C", "4"]],
  ["append() repeats a line", (headers) => headers.append("a", "4"), [...LIST, "a", "4"]],
  ["set() adds a line", (headers) => headers.set("C", "\t4\r\n"), [...LIST, "C", "4"]],
  [
    "set() replaces all lines of a name",
    (headers) => headers.set("x-B", "4"),
    ["X-B", "4", "Set-Cookie", "a=1", "A", "2", "set-cookie", "b=2"],
  ],
  [
    "delete() removes all lines of a name",
    (headers) => headers.delete("SET-cookie"),
    ["X-B", "1", "A", "2", "x-b", "3"],
  ],
  ["delete() does nothing for no line", (headers) => headers.delete("b"), LIST],
];

for (const [name, change, list] of CHANGES) {
  Deno.test(`${name} in the list when headers are over one`, () => {
    const own = [...LIST];
    const headers = headersOver(own);
    const native = new Headers(headers);
    // What was made of them before must not be what is seen afterwards.
    assertEquals([...headers], sorted(native));
    change(headers);
    change(native);
    assertEquals(own, list);
    assertEquals([...headers], sorted(native));
    assertEquals([...new Headers(headers)], [...native]);
  });
}

Deno.test("headersOver() refuses what could end a line, and changes nothing", () => {
  const list = [...LIST];
  const headers = headersOver(list);
  for (const value of ["a\r\nb", "a\nb", "\0", "\u0100", "a\x7fb", "a\x01"]) {
    assertEquals(codeOf(() => headers.append("a", value)), "ERR_HTTP_INVALID_HEADER");
    assertEquals(codeOf(() => headers.set("a", value)), "ERR_HTTP_INVALID_HEADER");
  }
  for (const name of ["", "a b", "a\r\n", "a:"]) {
    assertEquals(codeOf(() => headers.append(name, "a")), "ERR_HTTP_INVALID_HEADER");
    assertEquals(codeOf(() => headers.set(name, "a")), "ERR_HTTP_INVALID_HEADER");
    assertEquals(codeOf(() => headers.delete(name)), "ERR_HTTP_INVALID_HEADER");
  }
  assertEquals(list, LIST);
});

Deno.test("headersOver() takes values that are no strings as the platform does", () => {
  const headers = headersOver([]);
  headers.set("a", 5 as unknown as string);
  headers.append("b", null as unknown as string);
  assertEquals([...headers], [["a", "5"], ["b", "null"]]);
});

// --- What is given -------------------------------------------------------------------------------

Deno.test("readHeaders() reads every form that the platform reads", () => {
  const flat = ["A", "1", "b", "2"];
  assertEquals(readHeaders([["A", "1"], ["b", "2"]]), flat);
  assertEquals(readHeaders({ A: "1", b: " 2\t" }), flat);
  assertEquals(readHeaders(new Map([["A", "1"], ["b", "2"]]) as unknown as Given), flat);
  assertEquals(readHeaders(headersOver([...flat])), flat);
  assertEquals(readHeaders(incomingHeaders(Fields.of(flat))), flat);
  assertEquals(readHeaders(new Headers({ A: "1", b: "2" })), ["a", "1", "b", "2"]);
  const cookies = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  assertEquals(readHeaders(cookies), ["set-cookie", "a=1", "set-cookie", "b=2"]);
  assertEquals(readHeaders({}), []);
  assertEquals(readHeaders({ a: 5 } as unknown as Given), ["a", "5"]);
});

Deno.test("readHeaders() gives a list of its own when headers are ours", () => {
  const list = ["a", "1"];
  readHeaders(headersOver(list)).push("b", "2");
  assertEquals(list, ["a", "1"]);
});

Deno.test("readHeaders() throws when a name, a value or an entry is none", () => {
  const given: [unknown, string][] = [
    [{ "a b": "1" }, "ERR_HTTP_INVALID_HEADER"],
    [{ a: "1\r\nb: 2" }, "ERR_HTTP_INVALID_HEADER"],
    [[["a b", "1"]], "ERR_HTTP_INVALID_HEADER"],
    [[["a", "1\n2"]], "ERR_HTTP_INVALID_HEADER"],
    [[["a", "\u20ac"]], "ERR_HTTP_INVALID_HEADER"],
    [[["a"]], "ERR_INVALID_ARG_TYPE"],
    [[[]], "ERR_INVALID_ARG_TYPE"],
    [[["a", "b", "c"]], "ERR_INVALID_ARG_TYPE"],
    [5, "ERR_INVALID_ARG_TYPE"],
    ["a: b", "ERR_INVALID_ARG_TYPE"],
  ];
  for (const [input, code] of given) {
    assertEquals(codeOf(() => readHeaders(input as Given)), code);
  }
});

// --- Parts ---------------------------------------------------------------------------------------

Deno.test("lowerName() gives small letters, and goes on when it has noted many", () => {
  assertEquals(lowerName("X-AbC"), "x-abc");
  for (let at = 0; at < 1000; at++) assertEquals(lowerName(`X-${at}`), `x-${at}`);
  assertEquals(lowerName("X-1000"), "x-1000");
  assertEquals(codeOf(() => lowerName("x 1000")), "ERR_HTTP_INVALID_HEADER");
});

Deno.test("fieldValue() takes whitespace around a value away, and no more", () => {
  assertEquals(fieldValue(" \t\r\na \t b\n\r\t "), "a \t b");
  assertEquals(fieldValue(" "), "");
  assertEquals(fieldValue(""), "");
  assertEquals(fieldValue("\u00a0a\u00a0"), "\u00a0a\u00a0");
  assertEquals(fieldValue(5), "5");
  assertEquals(codeOf(() => fieldValue("\x0ba")), "ERR_HTTP_INVALID_HEADER");
  assertEquals(codeOf(() => fieldValue("a\r\n b")), "ERR_HTTP_INVALID_HEADER");
});

Deno.test("listHasField() finds a name in any case, and no value", () => {
  assertEquals(listHasField(["A", "b"], "a"), true);
  assertEquals(listHasField(["A", "b"], "b"), false);
  assertEquals(listHasField([], "a"), false);
  assertEquals(listHasField(["x", "y", "Content-Type", "z"], "content-type"), true);
});
