/**
 * Checks the shape of the sources: sizes, plain TypeScript, comments that say why, a test beside
 * every module, the wording of error messages.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { type Finding, report } from "./finding.ts";
import { FOLDER_LAYERS } from "./layer_table.ts";
import { isTest, ROOT, sourcePaths } from "./project_files.ts";
import { checkComments } from "./shape_comments.ts";
import { checkLanguage } from "./shape_language.ts";
import { checkMessages } from "./shape_messages.ts";
import { checkModFile, exportsOnlyTypes } from "./shape_modules.ts";
import { checkNpm } from "./shape_npm.ts";
import { checkSizes } from "./shape_sizes.ts";
import { checkTestCode } from "./shape_tests.ts";
import { parse } from "./syntax.ts";

/** Checks one file by itself. */
export function checkFile(path: string, text: string): Finding[] {
  const source = parse(path, text);
  const found = [
    checkSizes(path, source),
    checkLanguage(source),
    checkComments(source),
    checkMessages(source),
    checkNpm(path, source),
    path.endsWith("mod.ts") && !path.startsWith("scripts/") ? checkModFile(source) : [],
    isTest(path) ? checkTestCode(source) : [],
  ];
  return found.flat().map((finding) => ({ path, ...finding }));
}

/** Finds the modules of the library that have no test beside them. */
export function checkSiblings(files: ReadonlyMap<string, string>): Finding[] {
  return [...files].filter(([path, text]) => needsTest(path, text)).flatMap(([path]) => {
    const stem = path.replace(/\.ts$/, "");
    const tests = [`${stem}_test.ts`, `${stem}.test.ts`];
    if (tests.some((test) => files.has(test))) return [];
    return [{ path, line: 1, rule: "untested", message: `There is no ${tests[0]} beside it` }];
  });
}

function needsTest(path: string, text: string): boolean {
  const [folder = "", ...rest] = path.split("/");
  const name = rest.at(-1);
  if (!(folder in FOLDER_LAYERS) || name === undefined || isTest(path)) return false;
  if (name === "mod.ts" || name === "limits.ts") return false;
  return !exportsOnlyTypes(parse(path, text));
}

/** Finds entry points that reach into a private folder or file. */
export function checkExports(exports: Record<string, string>): Finding[] {
  return Object.entries(exports)
    .filter(([name, path]) => `${name}/${path}`.includes("/_"))
    .map(([name]) => ({
      path: "deno.json",
      line: 1,
      rule: "exports",
      message: `"${name}" exports a path with an underscore, which is private`,
    }));
}

if (import.meta.main) {
  const paths = await sourcePaths();
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(ROOT + path)));
  const files = new Map(paths.map((path, index) => [path, texts[index] ?? ""]));
  report([
    ...[...files].flatMap(([path, text]) => checkFile(path, text)),
    ...checkSiblings(files),
    ...checkExports(config.exports),
  ], "shape");
}
