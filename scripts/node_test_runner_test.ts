import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "./project_files.ts";

/** What the runner needs of the package that gives `Deno.test` in Node. */
const SHIM = `
  const testDefinitions = [];
  const test = (...args) => {
    const [first, second] = args;
    testDefinitions.push(typeof first === "string" ? { name: first, fn: second } : first);
  };
  module.exports = { testDefinitions, Deno: { test } };
`;
const HEAD = 'const { Deno } = require("@deno/shim-deno-test");\n';

interface Run {
  success: boolean;
  output: string;
  lastLine: string;
}

/** Runs the runner on a package that holds these test files. */
async function runOn(files: Record<string, string>, ...args: string[]): Promise<Run> {
  const folder = await Deno.makeTempDir();
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  };
  try {
    await write("package.json", "{}");
    await write("node_modules/@deno/shim-deno-test/index.js", SHIM);
    for (const [path, text] of Object.entries(files)) await write(`script/${path}`, HEAD + text);
    const runner = `${ROOT}scripts/node_test_runner.cjs`;
    const command = new Deno.Command("node", {
      args: [runner, folder, "--format=script", ...args],
      env: { NODE_TESTS: "" },
    });
    const { success, stdout } = await command.output();
    const output = new TextDecoder().decode(stdout).trimEnd();
    return { success, output, lastLine: output.split("\n").at(-1) ?? "" };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the Node runner counts what passed, failed and was skipped", async () => {
  const { success, lastLine, output } = await runOn({
    "a_test.js": `
      Deno.test("passes", () => {});
      Deno.test({ name: "is skipped", ignore: true, fn() {} });
      Deno.test("has steps", async (t) => {
        await t.step("outer", async (t) => { await t.step(function inner() {}); });
        await t.step({ name: "left out", ignore: true, fn() { throw 1; } });
      });`,
    "deep/b_test.js": 'Deno.test("throws", () => { throw new Error("thrown here"); });',
    "deps/c_test.js": 'Deno.test("is of another package", () => { throw 1; });',
  });
  assertEquals([success, lastLine], [false, "2 passed, 1 failed, 1 skipped"]);
  assertStringIncludes(output, "thrown here");
});

Deno.test("the Node runner passes when all tests pass, and fails without any", async () => {
  const all = await runOn({ "a_test.js": 'Deno.test("passes", () => {});' });
  assertEquals([all.success, all.lastLine], [true, "1 passed, 0 failed, 0 skipped"]);
  const none = await runOn({ "a_test.js": "" });
  assertEquals([none.success, none.lastLine], [false, "0 passed, 0 failed, 0 skipped"]);
});

Deno.test("the Node runner fails a failed step", async () => {
  const { lastLine, output } = await runOn({
    "a_test.js": `Deno.test("has a step", async (t) => {
      await t.step("bad", () => { throw new Error("thrown in the step"); });
    });`,
  });
  assertEquals(lastLine, "0 passed, 1 failed, 0 skipped");
  assertStringIncludes(output, "thrown in the step");
});

Deno.test("the Node runner fails a process that ends early and goes on after it", async () => {
  const { success, lastLine, output } = await runOn({
    "a_test.js": 'Deno.test("leaves", () => process.exit(0));\nDeno.test("is lost", () => {});',
    "b_test.js": 'Deno.test("passes", () => {});',
  });
  assertEquals([success, lastLine], [false, "1 passed, 1 failed, 0 skipped"]);
  assertStringIncludes(output, "leaves");
});

Deno.test("the Node runner fails tests that take too long", async () => {
  const { lastLine } = await runOn({
    "a_test.js": `
      Deno.test("waits for nothing", () => new Promise(() => {}));
      Deno.test("passes", () => {});`,
  }, "--timeout=100");
  assertEquals(lastLine, "1 passed, 1 failed, 0 skipped");
});

Deno.test("the Node runner gives stray errors to the test that runs", async () => {
  const { lastLine, output } = await runOn({
    "a_test.js": `
      Deno.test("throws later", () => new Promise(() => queueMicrotask(() => { throw 1; })));
      Deno.test("forgets a rejection", () => new Promise((resolve) => {
        Promise.reject(new Error("forgotten"));
        setImmediate(() => setImmediate(resolve));
      }));
      Deno.test("listens itself", () => new Promise((resolve) => {
        process.once("uncaughtException", resolve);
        queueMicrotask(() => { throw 1; });
      }));`,
    "b_test.js": 'throw new Error("cannot load");',
  });
  assertEquals(lastLine, "1 passed, 3 failed, 0 skipped");
  assertStringIncludes(output, "forgotten");
  assertStringIncludes(output, "cannot load");
});

Deno.test("the Node runner runs alone what is marked so, and does not pass", async () => {
  const { success, lastLine } = await runOn({
    "a_test.js": `
      Deno.test({ name: "alone", ["on" + "ly"]: true, fn() {} });
      Deno.test("left out", () => { throw 1; });`,
  });
  assertEquals([success, lastLine], [false, "1 passed, 1 failed, 0 skipped"]);
});

Deno.test("the Node runner filters by name and lists files", async () => {
  const files = {
    "a_test.js": 'Deno.test("one", () => {});\nDeno.test("two", () => {});',
    "b_test.js": 'Deno.test("three", () => {});',
  };
  const { lastLine } = await runOn(files, "--filter=t");
  assertEquals(lastLine, "2 passed, 0 failed, 0 skipped");
  const list = await runOn(files, "--list");
  assert(list.success);
  assertEquals(list.lastLine, "script: 2 test files");
});
