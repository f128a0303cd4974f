/**
 * Checks the documentation: every public symbol has some, every function, class and module shows
 * an example, few examples are skipped, and README keeps up with the code.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { type Finding, report } from "./finding.ts";
import { exists, ROOT, sourcePaths } from "./project_files.ts";

/** At most this share of the examples may be skipped: a skipped example rots. */
const MAX_IGNORED = 0.05;

/** What a newcomer types: the tests and the demonstration, on a machine with Node and npm alone. */
const COMMANDS = ["npx -y deno@2.9.6 task demo", "npx -y deno@2.9.6 task test"];

interface JsDoc {
  doc?: string;
  tags?: { kind: string; doc?: string }[];
}

interface Declaration {
  kind: string;
  jsDoc?: JsDoc;
  location: { filename: string; line: number };
}

/** The part of the output of `deno doc --json` that is read here. */
export interface DocInfo {
  nodes: Record<string, {
    module_doc?: JsDoc;
    symbols: { name: string; declarations: Declaration[] }[];
  }>;
}

const FENCE = /^```(\S+)([^\n]*)\n[\s\S]*?^```/gm;

/** The words behind `ts` on the first line of each TypeScript example in a text. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(FENCE)].filter(([, language]) =>
    /^(ts|typescript)$/.test(language ?? "")
  )
    .map(([, , words]) => words ?? "");
}

function textOf(jsDoc: JsDoc | undefined): string {
  const tags = (jsDoc?.tags ?? []).map(({ doc }) => doc ?? "");
  return [jsDoc?.doc ?? "", ...tags].join("\n");
}

function pathOf(url: string, root: string): string {
  const base = `file://${encodeURI(root)}`;
  return url.startsWith(base) ? decodeURI(url.slice(base.length)) : url;
}

/** Finds public modules, functions and classes that show no example. */
export function checkExamples(info: DocInfo, root: string): Finding[] {
  const findings = new Map<string, Finding>();
  const miss = (url: string, line: number, what: string) => {
    const path = pathOf(url, root);
    const message = `The ${what} has no \`\`\`ts example`;
    findings.set(`${path}:${line}`, { path, line, rule: "example", message });
  };
  for (const [url, { module_doc, symbols }] of Object.entries(info.nodes)) {
    if (examplesIn(textOf(module_doc)).length === 0) miss(url, 1, "module");
    for (const { name, declarations } of symbols) {
      const [first] = declarations.filter(({ kind }) => kind === "function" || kind === "class");
      // Of several call forms one may speak for all.
      const text = declarations.map(({ jsDoc }) => textOf(jsDoc)).join("\n");
      if (!first || examplesIn(text).length > 0) continue;
      miss(first.location.filename, first.location.line + 1, `${first.kind} ${name}`);
    }
  }
  return [...findings.values()];
}

/** Finds out whether too many of the examples in some texts are never run. */
export function checkIgnored(texts: string[]): Finding[] {
  const examples = texts.flatMap(examplesIn);
  const ignored = examples.filter((words) => /\b(ignore|no-eval)\b/.test(words)).length;
  if (ignored <= examples.length * MAX_IGNORED) return [];
  const message = `${ignored} of ${examples.length} examples are never run`;
  return [{ path: "README.md", line: 1, rule: "ignored", message }];
}

/** Finds error codes that README leaves out, and commands that are not the two it is to have. */
export function checkReadme(readme: string, codes: string[]): Finding[] {
  const words = new Set(readme.match(/\b[A-Z][A-Z0-9_]+\b/g));
  const missing = codes.filter((code) => !words.has(code)).map((code) => ({
    path: "README.md",
    line: 1,
    rule: "codes",
    message: `The error code ${code} is not mentioned`,
  }));
  const commands = readme.split("\n").flatMap((text, index) => {
    const command = text.trim();
    return command.startsWith("npx ") ? [{ command, line: index + 1 }] : [];
  });
  const found = commands.map(({ command }) => command).sort();
  if (found.join("\n") === COMMANDS.join("\n")) return missing;
  const message = `The commands are ${found.join("; ") || "none"}, not ${COMMANDS.join("; ")}`;
  return [...missing, {
    path: "README.md",
    line: commands[0]?.line ?? 1,
    rule: "commands",
    message,
  }];
}

/** Reads the complaints of `deno doc --lint`. */
export function lintFindings(output: string, root: string): Finding[] {
  const complaints = output.matchAll(/^error\[([^\]]+)\]: (.*)\n\s*--> (.*):(\d+):\d+$/gm);
  return [...complaints].map(([, rule = "", message = "", path = "", line]) => ({
    path: path.startsWith(root) ? path.slice(root.length) : path,
    line: Number(line),
    rule,
    message,
  }));
}

async function deno(...args: string[]): Promise<{ success: boolean; stdout: string; all: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  return { success, stdout: text, all: text + new TextDecoder().decode(stderr) };
}

/** Each entry point by itself: who imports one has the types in it that its own are made of. */
async function checkLint(entryPoint: string): Promise<Finding[]> {
  const { success, all } = await deno("doc", "--lint", entryPoint);
  if (success) return [];
  const findings = lintFindings(all, ROOT);
  if (findings.length > 0) return findings;
  return [{ path: "deno.json", line: 1, rule: "doc-lint", message: all.trim() }];
}

/** The codes of every module: each has its table in a file of this name. */
async function errorCodes(paths: string[]): Promise<string[]> {
  const tables = paths.filter((path) => path.endsWith("/error_codes.ts"));
  const modules = await Promise.all(tables.map((path) => import(`file://${ROOT}${path}`)));
  return modules.flatMap((module) =>
    Object.entries(module).filter(([name]) => name.endsWith("ERROR_CODES"))
      .flatMap(([, table]) => Object.keys(table as object))
  );
}

async function checkAll(): Promise<Finding[]> {
  const entryPoints = Object.values(config.exports);
  const paths = await sourcePaths();
  const shipped = paths.filter((path) => !/^(scripts|_testing)\/|_test\.ts$/.test(path));
  const texts = await Promise.all(shipped.map((path) => Deno.readTextFile(ROOT + path)));
  const readme = await exists(`${ROOT}README.md`)
    ? await Deno.readTextFile(`${ROOT}README.md`)
    : "";
  const { stdout, success, all } = await deno("doc", "--json", ...entryPoints);
  if (!success) throw new Error(`Cannot read the documentation: ${all}`);
  // In a source the examples stand behind the stars of a comment.
  const sources = texts.map((text) => text.replaceAll(/^ *\* ?/gm, ""));
  return [
    ...(await Promise.all(entryPoints.map(checkLint))).flat(),
    ...checkExamples(JSON.parse(stdout), ROOT),
    ...checkIgnored([readme, ...sources]),
    ...checkReadme(readme, await errorCodes(paths)),
  ];
}

if (import.meta.main) report(await checkAll(), "docs");
