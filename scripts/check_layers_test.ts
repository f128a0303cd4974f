import { assertEquals } from "@std/assert";
import { checkCircles, checkImports, checkNames } from "./check_layers.ts";
import { importsOf } from "./module_graph.ts";

function rulesOf(path: string, ...targets: string[]): string[] {
  const imports = targets.map((target, index) => ({ target, line: index + 1, loads: true }));
  return checkImports({ path, imports }).map(({ line, rule }) => `${line}:${rule}`);
}

Deno.test("checkImports() lets imports go down", () => {
  assertEquals(rulesOf("mod.ts", "tcp/mod.ts", "websocket/mod.ts"), []);
  assertEquals(rulesOf("http/serve.ts", "tcp/mod.ts", "tls/mod.ts", "http/_engine/head.ts"), []);
  assertEquals(rulesOf("tcp/socket.ts", "_io/pump.ts", "_runtime/mod.ts", "tcp/mod.ts"), []);
  assertEquals(rulesOf("http/_engine/head.ts", "_core/bytes.ts", "http/_engine/state.ts"), []);
});

Deno.test("checkImports() finds imports that go up or sideways", () => {
  assertEquals(rulesOf("_core/bytes.ts", "_io/pump.ts"), ["1:layer"]);
  assertEquals(rulesOf("_io/pump.ts", "_runtime/mod.ts"), ["1:layer"]);
  assertEquals(rulesOf("tcp/socket.ts", "tls/mod.ts", "udp/mod.ts"), ["1:layer", "2:layer"]);
  assertEquals(rulesOf("udp/socket.ts", "tcp/mod.ts"), ["1:layer"]);
  assertEquals(rulesOf("http/serve.ts", "websocket/mod.ts"), ["1:layer"]);
  assertEquals(rulesOf("tcp/socket.ts", "mod.ts"), ["1:layer"]);
  assertEquals(rulesOf("extra/file.ts"), ["1:layer"]);
});

Deno.test("checkImports() takes the fakes of a module for a part of its tests", () => {
  const inside = ["http/serve.ts", "http/_engine/head.ts", "tcp/mod.ts"];
  assertEquals(rulesOf("_testing/http/rig.ts", ...inside), []);
  assertEquals(rulesOf("_testing/http/rig.ts", "tcp/socket.ts"), ["1:mod-only"]);
  assertEquals(rulesOf("_testing/rig.ts", "http/serve.ts"), ["1:mod-only"]);
});

Deno.test("checkImports() finds an engine that knows more than _core", () => {
  const engine = "http/_engine/head.ts";
  assertEquals(rulesOf(engine, "_io/pump.ts", "http/limits.ts"), ["1:engine", "2:engine"]);
  assertEquals(rulesOf(engine, "node:events", "@std/async"), ["1:engine", "2:engine"]);
  assertEquals(rulesOf("websocket/upgrade.ts", engine), ["1:mod-only"]);
  assertEquals(rulesOf("_io/pump.ts", engine), ["1:mod-only"]);
});

Deno.test("checkImports() finds a way around a mod.ts", () => {
  assertEquals(rulesOf("tls/socket.ts", "tcp/socket.ts"), ["1:mod-only"]);
  assertEquals(rulesOf("mod.ts", "tcp/socket.ts"), ["1:mod-only"]);
  assertEquals(rulesOf("tls/socket_test.ts", "tcp/socket.ts"), ["1:mod-only"]);
  assertEquals(rulesOf("_testing/suite.ts", "tcp/socket.ts"), ["1:mod-only"]);
});

Deno.test("checkImports() keeps fakes, tests and tools out of shipped code", () => {
  assertEquals(rulesOf("tcp/socket.ts", "_testing/memory.ts"), ["1:testing"]);
  assertEquals(rulesOf("tcp/socket.ts", "tcp/other_test.ts"), ["1:testing"]);
  assertEquals(rulesOf("tcp/socket.ts", "scripts/test.ts"), ["1:scripts"]);
  assertEquals(rulesOf("tcp/socket.ts", "@std/assert", "left-pad"), ["1:package", "2:package"]);
  assertEquals(rulesOf("tcp/socket_test.ts", "_testing/memory.ts", "@std/assert"), []);
  assertEquals(rulesOf("_testing/memory.ts", "_testing/clock.ts", "@std/assert"), []);
});

Deno.test("checkImports() finds the runtime outside of its folder", () => {
  assertEquals(rulesOf("tcp/socket.ts", "node:net", "node:events"), ["1:runtime", "2:runtime"]);
  assertEquals(rulesOf("_core/emitter.ts", "node:events", "node:net"), ["2:runtime"]);
  assertEquals(rulesOf("_runtime/node.ts", "node:net"), []);
  assertEquals(rulesOf("tcp/socket_test.ts", "node:net"), []);
});

function namesIn(path: string, text: string): string[] {
  return checkNames(path, text).map(({ line, rule }) => `${line}:${rule}`);
}

Deno.test("checkNames() finds Deno outside of its folder", () => {
  const text = "export type Addr =\n  Deno.Addr;\n";
  assertEquals(namesIn("tcp/socket.ts", text), ["2:runtime"]);
  assertEquals(namesIn("tcp/socket.ts", "globalThis.Deno;"), ["1:runtime"]);
  assertEquals(namesIn("tcp/socket.ts", "// Deno\n'Deno';"), []);
  assertEquals(namesIn("_runtime/deno.ts", text), []);
  assertEquals(namesIn("tcp/socket_test.ts", text), []);
});

Deno.test("checkNames() finds what makes an engine impure", () => {
  const path = "http/_engine/head.ts";
  assertEquals(namesIn(path, "Date.now();\nMath.random();"), ["1:engine", "2:engine"]);
  assertEquals(namesIn(path, "async () => {\n  await 1;\n};"), ["1:engine", "2:engine"]);
  assertEquals(namesIn(path, "let p: Promise<void>;\nsetTimeout(f);"), ["1:engine", "2:engine"]);
  assertEquals(namesIn(path, "options.crypto; Math.floor(1);"), []);
  assertEquals(namesIn("http/serve.ts", "Date.now(); setTimeout(f);"), []);
});

Deno.test("checkCircles() finds modules that load one another, once", () => {
  const module = (path: string, ...targets: string[]) => ({
    path,
    imports: targets.map((target) => ({ target, line: 3, loads: true })),
  });
  const modules = [
    module("http/mod.ts", "http/a.ts", "http/b.ts"),
    module("http/a.ts", "http/b.ts"),
    module("http/b.ts", "http/c.ts", "node:net"),
    module("http/c.ts", "http/a.ts"),
  ];
  const message = "Modules load one another: http/a.ts -> http/b.ts -> http/c.ts -> http/a.ts";
  assertEquals(checkCircles(modules), [{ path: "http/c.ts", line: 3, rule: "circle", message }]);
});

Deno.test("checkCircles() leaves modules alone that need only types of one another", () => {
  const of = (path: string, target: string, loads: boolean) => ({
    path,
    imports: [{ target, line: 1, loads }],
  });
  const modules = [of("http/a.ts", "http/b.ts", true), of("http/b.ts", "http/a.ts", false)];
  assertEquals(checkCircles(modules), []);
});

Deno.test("importsOf() names modules of the project by path and packages by name", () => {
  const root = "file:///p/";
  const link = `${root}scripts/jsr_links/assert/mod.ts`;
  const at = (specifier: string) => ({ specifier, span: { start: { line: 4 } } });
  const dependencies = [
    { specifier: "./b.ts", code: at(`${root}tcp/b.ts`) },
    { specifier: "../_io/c.ts", type: at(`${root}_io/c.ts`) },
    { specifier: "@netstd/net", code: at(`${root}mod.ts`) },
    { specifier: "@std/assert", code: at(link) },
    { specifier: "../scripts/jsr_links/assert/mod.ts", code: at(link) },
    { specifier: "node:net", code: at("node:net") },
    { specifier: "./late.ts", code: at(`${root}tcp/late.ts`), isDynamic: true },
  ];
  const info = { modules: [{ specifier: `${root}tcp/a.ts`, dependencies }] };
  const [module] = importsOf(info, "/p/", ["tcp/a.ts"]);
  assertEquals(module?.imports, [
    { target: "tcp/b.ts", line: 5, loads: true },
    { target: "_io/c.ts", line: 5, loads: false },
    { target: "mod.ts", line: 5, loads: true },
    { target: "@std/assert", line: 5, loads: true },
    { target: "scripts/jsr_links/assert/mod.ts", line: 5, loads: true },
    { target: "node:net", line: 5, loads: true },
    { target: "tcp/late.ts", line: 5, loads: false },
  ]);
});
