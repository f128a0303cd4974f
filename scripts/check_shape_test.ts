import { assertEquals } from "@std/assert";
import { checkExports, checkFile, checkSiblings } from "./check_shape.ts";

function rulesIn(path: string, text: string): string[] {
  return checkFile(path, text).map(({ line, rule }) => `${line}:${rule}`);
}

function inModule(text: string): string[] {
  return rulesIn("tcp/socket.ts", text);
}

Deno.test("checkFile() finds files that are too long", () => {
  assertEquals(inModule("\n".repeat(400)), []);
  assertEquals(inModule("\n".repeat(401)), ["400:file-length"]);
  assertEquals(rulesIn("tcp/socket_test.ts", "\n".repeat(800)), []);
  assertEquals(rulesIn("tcp/socket_test.ts", "\n".repeat(801)), ["800:file-length"]);
});

Deno.test("checkFile() finds functions that are too long", () => {
  const body = (lines: number) => `{\n${"f();\n".repeat(lines - 2)}}`;
  assertEquals(inModule(`function f() ${body(60)}\n`), []);
  assertEquals(inModule(`/** Doc. */\nfunction f() ${body(61)}\n`), ["2:function-length"]);
  assertEquals(inModule(`const f = () => ${body(61)};\n`), ["1:function-length"]);
  assertEquals(inModule(`class C {\n  m() ${body(61)}\n}\n`), ["2:function-length"]);
});

Deno.test("checkFile() finds TypeScript that is more than types", () => {
  assertEquals(inModule("class C { private a = 1; }"), ["1:plain"]);
  assertEquals(inModule("class C { protected a = 1; }"), ["1:plain"]);
  assertEquals(inModule("class C { constructor(readonly a: number) {} }"), ["1:plain"]);
  assertEquals(inModule("enum E { A }"), ["1:plain"]);
  assertEquals(inModule("namespace N { f(); }"), ["1:plain"]);
  assertEquals(inModule("const a = b as any;"), ["1:plain"]);
  assertEquals(inModule("class C { #a = 1; }\ndeclare global { interface I {} }"), []);
});

Deno.test("checkFile() finds comments that put off or silence", () => {
  const mark = "TO" + "DO";
  assertEquals(inModule(`// ${mark}: later`), ["1:unfinished"]);
  assertEquals(inModule(`f({\n  /* FIX${"ME"} */\n});`), ["2:unfinished"]);
  assertEquals(inModule(`const a = "${mark}";`), []);
  assertEquals(inModule(`\n// @ts-${"ignore"} because`), ["2:suppression"]);
  assertEquals(inModule(`// deno-lint-${"ignore"} no-explicit-any`), ["1:suppression"]);
  assertEquals(inModule(`// deno-lint-${"ignore"} require-await -- the type asks for it`), []);
});

Deno.test("checkFile() finds badly worded messages", () => {
  assertEquals(inModule('throw new Error("cannot do this");'), ["1:wording"]);
  assertEquals(inModule('throw new TypeError("Cannot do this.");'), ["1:wording"]);
  assertEquals(inModule('throw new UsageError("ERR_X", "You can\'t do this");'), ["1:wording"]);
  assertEquals(inModule('throw new Error("Cannot " + `do ${what} now.`);'), ["1:wording"]);
  assertEquals(inModule('throw netError("ERR_X", "cannot do this");'), ["1:wording"]);
  assertEquals(inModule("throw new Error(`${name} is taken`);"), []);
  assertEquals(inModule('throw new UsageError("ERR_X", "Cannot write to port 0");'), []);
});

Deno.test("checkFile() finds code in a mod.ts", () => {
  assertEquals(rulesIn("tcp/mod.ts", 'export * from "./a.ts";\nexport const a = 1;'), ["2:mod"]);
  assertEquals(rulesIn("mod.ts", 'export * as tcp from "./tcp/mod.ts";'), []);
  assertEquals(inModule("export const a = 1;"), []);
});

Deno.test("checkFile() finds tests that sleep or are left out", () => {
  const test = (text: string) => rulesIn("tcp/socket_test.ts", text);
  assertEquals(test("setTimeout(f, 5);\nawait delay(5);"), ["1:sleep", "2:sleep"]);
  assertEquals(test("globalThis.setTimeout(f, 5);"), ["1:sleep"]);
  assertEquals(test("socket.setTimeout(5);"), []);
  assertEquals(test("Deno.test({ ignore: true });\nDeno.test.only(f);"), ["1:skip", "2:skip"]);
  assertEquals(test("Deno.test({ only: true });\nDeno.test.ignore(f);"), ["1:skip", "2:skip"]);
  assertEquals(test("Deno.test({ ignore: !hasUnixSockets });"), []);
  assertEquals(inModule("setTimeout(f, 5);"), []);
});

Deno.test("checkFile() finds what dnt would change in the npm package", () => {
  const test = (text: string) => rulesIn("tcp/socket_test.ts", text);
  const ofTests = "Promise.withResolvers();\nArray.fromAsync(a);\na.findLast(f);";
  assertEquals(inModule(ofTests), ["1:npm", "2:npm", "3:npm"]);
  assertEquals(test(ofTests), ["1:npm", "2:npm", "3:npm"]);
  assertEquals(rulesIn("tcp/socket.test.ts", ofTests), []);
  assertEquals(rulesIn("scripts/socket.ts", ofTests), []);
  const ofPackage = "Object.hasOwn(a, b);\nerror.cause;\nconst { fetch } = globalThis;";
  assertEquals(inModule(ofPackage), ["1:npm", "2:npm", "3:npm"]);
  assertEquals(test(ofPackage), []);
  assertEquals(inModule("hasOwn(a, b);\nconst { cause } = error;\nglobalThis.fetch();"), []);
  assertEquals(inModule("let a: typeof globalThis.fetch;\nlet b: globalThis.Response;"), []);
  assertEquals(inModule("// dnt-shim-ignore: why\nconst { fetch } = globalThis;"), []);
});

Deno.test("checkSiblings() finds modules without a test", () => {
  const code = "export const a = 1;";
  const types = 'import type { B } from "./b.ts";\nexport interface A { b: B }\nexport type { B };';
  const files = new Map([
    ["tcp/socket.ts", code],
    ["tcp/server.ts", code],
    ["tcp/server_test.ts", code],
    ["_runtime/deno.ts", code],
    ["_runtime/deno.test.ts", code],
    ["tcp/options.ts", types],
    ["tcp/mod.ts", code],
    ["tcp/limits.ts", code],
    ["_testing/memory.ts", code],
    ["scripts/test.ts", code],
  ]);
  assertEquals(checkSiblings(files).map(({ path }) => path), ["tcp/socket.ts"]);
});

Deno.test("checkExports() finds private paths", () => {
  assertEquals(checkExports({ ".": "./mod.ts", "./tcp": "./tcp/mod.ts" }), []);
  assertEquals(checkExports({ "./x": "./_core/x.ts", "./_y": "./y.ts" }).length, 2);
});
