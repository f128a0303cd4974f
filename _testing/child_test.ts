import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import process from "node:process";
import { isMain, runChild, startChild } from "./child.ts";
import { CHILD_ECHO } from "./child_echo.ts";

Deno.test("runChild() gives code, output and input through", async () => {
  const env = { CHILD_ECHO: "yes" };
  const result = await runChild(CHILD_ECHO, ["3", "x y"], { env, input: "one\ntwo\n" });
  assertEquals(result, {
    code: 3,
    signal: null,
    stdout: "args 3,x y\nenv yes\nline one\nline two\n",
    stderr: "to stderr\n",
    timedOut: false,
  });
});

Deno.test("runChild() runs the child behind a prefix command", async () => {
  if (process.platform === "win32") return;
  const prefix = ["sh", "-c", 'CHILD_ECHO=$(ulimit -n); export CHILD_ECHO; exec "$@"', "--"];
  const limited = ["sh", "-c", 'ulimit -n 200; exec "$@"', "--", ...prefix];
  const { stdout } = await runChild(CHILD_ECHO, ["0"], { prefix: limited });
  assertEquals(stdout, "args 0\nenv 200\n");
});

Deno.test("runChild() kills a child that takes too long", async () => {
  const child = startChild(CHILD_ECHO, [], { timeout: 50 });
  const result = await child.exited;
  assertEquals([result.timedOut, result.code, result.signal], [true, null, "SIGKILL"]);
});

Deno.test("runChild() reports a command that does not exist", async () => {
  const { code, stderr } = await runChild(CHILD_ECHO, [], { prefix: ["/no/such/command"] });
  assert(code !== 0);
  assert(stderr.includes("ENOENT"), stderr);
});

Deno.test("startChild() talks line by line and ends by itself", async () => {
  await using child = startChild(CHILD_ECHO, ["0"]);
  child.writeLine("ping");
  assertEquals(await child.nextLine("line"), "line ping");
  assertEquals(await child.nextLine(), "args 0");
  child.closeInput();
  assertEquals((await child.exited).code, 0);
  await assertRejects(() => child.nextLine("line"), Error, "Child ended");
});

Deno.test("startChild() leaves no process when disposed", async () => {
  const child = startChild(CHILD_ECHO);
  await child.nextLine("args");
  process.kill(child.pid, 0);
  await child[Symbol.asyncDispose]();
  assertEquals((await child.exited).signal, "SIGKILL");
  assertThrows(() => process.kill(child.pid, 0), Error, "ESRCH");
});

Deno.test("isMain() is false for a module that a test imports", () => {
  assertEquals(isMain(CHILD_ECHO), false);
});
