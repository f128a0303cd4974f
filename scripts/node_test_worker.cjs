/**
 * Runs emitted test files in this process and reports each test to the parent process.
 * `scripts/node_test_runner.cjs` starts it: node node_test_worker.cjs SETTINGS_AS_JSON
 */
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const settings = JSON.parse(process.argv[2]);
const requireBuilt = createRequire(path.join(settings.outDir, "package.json"));
const { testDefinitions } = requireBuilt("@deno/shim-deno-test");

/** Fails what runs at the moment: a test, or the file outside its tests. */
let failCurrent = () => {};

// A pending promise does not keep Node alive: without this a process whose test waits for nothing
// but a promise would end early, with status 0.
const keepAlive = setInterval(() => {}, 1 << 30);

// Nobody is left to report to.
process.on("disconnect", () => process.exit(1));

function onUncaught(error) {
  // A test that listens itself is testing just that.
  if (process.listenerCount("uncaughtException") > 1) return;
  failCurrent(error);
}

process.on("uncaughtException", onUncaught);
// In Node it comes as the above; Bun ends the process.
if (process.versions.bun !== undefined) process.on("unhandledRejection", onUncaught);

function textOf(error) {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const cause = error.cause === undefined ? "" : `\nCaused by: ${textOf(error.cause)}`;
  return (error.stack ?? String(error)) + cause;
}

/** Rejects when the time is up or something throws outside of the test's promises. */
function guard(name) {
  let timer;
  const promise = new Promise((_, reject) => {
    const late = () => reject(new Error(`"${name}" took longer than ${settings.timeout} ms`));
    timer = setTimeout(late, settings.timeout);
    failCurrent = reject;
  });
  const release = () => {
    clearTimeout(timer);
    failCurrent = (error) => report("stray", { error: textOf(error) });
  };
  return { promise, release };
}

function report(type, details) {
  process.send({ type, ...details });
}

/** The three call forms of `t.step`. */
function stepDefinition(first, second) {
  if (typeof first === "string") return { name: first, fn: second };
  if (typeof first === "function") return { name: first.name, fn: first };
  return first;
}

function contextOf(definition, parent, origin) {
  const context = { name: definition.name, origin, parent, failedSteps: [] };
  context.step = async (first, second) => {
    const step = stepDefinition(first, second);
    if (step.ignore) return false;
    const inner = contextOf(step, context, origin);
    try {
      await step.fn(inner);
      assertStepsPassed(inner);
      return true;
    } catch (error) {
      context.failedSteps.push(`${step.name}: ${textOf(error)}`);
      return false;
    }
  };
  return context;
}

function assertStepsPassed(context) {
  const { failedSteps } = context;
  if (failedSteps.length > 0) throw new Error(`A step failed: ${failedSteps.join("\n")}`);
}

async function runTest(definition, origin) {
  const { name } = definition;
  if (definition.ignore) return report("end", { name, status: "skipped", ms: 0 });
  report("start", { name });
  const started = performance.now();
  const { promise, release } = guard(name);
  const context = contextOf(definition, undefined, origin);
  let error;
  try {
    // In a function, so that a test that throws at once is a failed one too.
    await Promise.race([(async () => await definition.fn(context))(), promise]);
    assertStepsPassed(context);
  } catch (reason) {
    error = textOf(reason);
  } finally {
    release();
  }
  const ms = Math.round(performance.now() - started);
  report("end", { name, status: error === undefined ? "passed" : "failed", ms, error });
}

async function load(file) {
  if (settings.format === "script") return requireBuilt(file);
  return await import(pathToFileURL(file).href);
}

function chosen(definitions) {
  const only = definitions.filter(({ only }) => only);
  // As in Deno: what is marked runs alone, and the run as a whole does not count as passed.
  if (only.length > 0) report("stray", { error: `"${only[0].name}" is marked as only` });
  return (only.length > 0 ? only : definitions)
    .filter(({ name }) => name.includes(settings.filter));
}

async function runFile(file) {
  report("file", { file });
  failCurrent = (error) => report("stray", { error: textOf(error) });
  try {
    await load(file);
  } catch (error) {
    report("stray", { error: textOf(error) });
  }
  const origin = pathToFileURL(file).href;
  for (const definition of chosen(testDefinitions.splice(0))) await runTest(definition, origin);
  // One more turn, so that a late rejection is still this file's.
  await new Promise((resolve) => setImmediate(resolve));
}

async function main() {
  for (const file of settings.files) await runFile(file);
  clearInterval(keepAlive);
  process.send({ type: "done" }, () => process.exit(0));
}

main();
