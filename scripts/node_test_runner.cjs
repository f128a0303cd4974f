/**
 * Runs the tests of the built npm package in Node, for both module formats:
 *
 *   node scripts/node_test_runner.cjs [npm] [--filter=TEXT] [--format=esm|script]
 *     [--timeout=MS] [--verbose] [--list]
 *
 * The runner that dnt writes can report success without having run everything. This one runs the
 * files in a process of their own and watches it: one that ends early or stops answering is a
 * failure, and the files after it still run. The last line is "N passed, N failed, N skipped".
 */
"use strict";

const { fork } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const WORKER = path.join(__dirname, "node_test_worker.cjs");
const FORMATS = ["script", "esm"];
/** Output of a file that is kept for the case that it fails. */
const KEPT_OUTPUT = 16 * 1024;
/** What a busy process may take beyond the time limit of a test before it is ended. */
const GRACE = 10_000;

function parseArguments(argv) {
  const flags = new Map(
    argv.filter((argument) => argument.startsWith("--")).map((argument) => {
      const [name, ...value] = argument.slice(2).split("=");
      return [name, value.join("=")];
    }),
  );
  const [folder = "npm"] = argv.filter((argument) => !argument.startsWith("--"));
  return {
    outDir: path.resolve(folder),
    formats: flags.has("format") ? [flags.get("format")] : FORMATS,
    filter: flags.get("filter") ?? process.env.TEST_FILTER ?? "",
    timeout: Number(flags.get("timeout") ?? process.env.TEST_TIMEOUT_MS ?? 60_000),
    verbose: flags.has("verbose"),
    // The build only wants to know that the tests are there.
    list: flags.has("list") || process.env.NODE_TESTS === "list",
  };
}

/** The test files below a folder; `deps` holds other packages. */
function testFiles(folder) {
  return fs.readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "deps" ? [] : testFiles(name);
      return entry.name.endsWith("_test.js") ? [name] : [];
    })
    .sort();
}

/** What has been counted so far, and how it is told. */
class Tally {
  constructor(options) {
    this.options = options;
    this.counts = { passed: 0, failed: 0, skipped: 0 };
    this.file = undefined;
  }

  startFile(file) {
    const label = path.relative(this.options.outDir, file);
    this.file = {
      path: file,
      label,
      passed: 0,
      failed: 0,
      skipped: 0,
      output: "",
      test: undefined,
    };
  }

  endFile() {
    if (!this.file) return;
    const { label, passed, failed, skipped, output } = this.file;
    this.file = undefined;
    if (passed + failed + skipped === 0) return;
    const parts = [`${passed} passed`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (skipped > 0) parts.push(`${skipped} skipped`);
    console.log(`${label} ... ${failed > 0 ? "FAILED" : "ok"} (${parts.join(", ")})`);
    if (failed > 0 && output) console.log(`--- output of ${label}\n${output.trimEnd()}\n---`);
  }

  add(status, name, details = "") {
    this.counts[status]++;
    if (this.file) this.file[status]++;
    if (status === "failed") console.log(`FAILED ${this.file?.label}: ${name}\n${details}\n`);
    else if (this.options.verbose) console.log(`${status} ${this.file?.label}: ${name}${details}`);
  }

  keep(output) {
    if (this.file) this.file.output = (this.file.output + output).slice(-KEPT_OUTPUT);
  }
}

/** Takes one message of the worker; tells whether it was the last one. */
function take(message, tally) {
  switch (message.type) {
    case "file":
      tally.endFile();
      tally.startFile(message.file);
      return false;
    case "start":
      tally.file.test = message.name;
      return false;
    case "end":
      tally.file.test = undefined;
      tally.add(message.status, message.name, message.error ?? ` (${message.ms}ms)`);
      return false;
    case "stray":
      tally.add("failed", "outside of its tests", message.error);
      return false;
    default:
      tally.endFile();
      return true;
  }
}

/** Runs files in one process until it ends; tells which file it ended in, if it ended early. */
function runProcess(files, format, options, tally) {
  const settings = { ...options, files, format };
  const child = fork(WORKER, [JSON.stringify(settings)], {
    // As with dnt's runner: what is `_testing/x.ts` in Deno is `_testing/x.js` from here.
    cwd: path.join(options.outDir, format),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let done = false;
  let silence;
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill("SIGKILL"), options.timeout + GRACE);
  };
  watch();
  child.stdout.on("data", (chunk) => tally.keep(chunk));
  child.stderr.on("data", (chunk) => tally.keep(chunk));
  child.on("message", (message) => {
    watch();
    done = take(message, tally) || done;
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(silence);
      if (done) return resolve(undefined);
      const name = tally.file?.test ?? "outside of its tests";
      const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      tally.add("failed", name, `The process ${how} before all tests had run`);
      const file = tally.file?.path;
      tally.endFile();
      resolve(file ?? files[0]);
    });
  });
}

async function runFormat(format, options, tally) {
  let files = testFiles(path.join(options.outDir, format));
  while (files.length > 0) {
    const endedIn = await runProcess(files, format, options, tally);
    files = endedIn === undefined ? [] : files.slice(files.indexOf(endedIn) + 1);
  }
}

function list({ outDir, formats }) {
  for (const format of formats) {
    const { length } = testFiles(path.join(outDir, format));
    console.log(`${format}: ${length} test files`);
    if (length === 0) process.exitCode = 1;
  }
}

async function main() {
  const options = parseArguments(process.argv.slice(2));
  if (!fs.existsSync(path.join(options.outDir, "package.json"))) {
    console.error(`There is no package in ${options.outDir}: run "deno task build:npm" first`);
    process.exitCode = 1;
    return;
  }
  if (options.list) return list(options);
  const tally = new Tally(options);
  for (const format of options.formats) await runFormat(format, options, tally);
  const { passed, failed, skipped } = tally.counts;
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

main();
