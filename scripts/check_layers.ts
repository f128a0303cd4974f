/**
 * Checks who imports whom: imports go down the layers only and never in a circle, engines stay free of
 * the world around them, the runtime is named in one folder. Types obey the same rules as values.
 *
 * @module
 */

import ts from "typescript";
import { type Finding, report } from "./finding.ts";
import {
  ENGINE_LAYER,
  FOLDER_LAYERS,
  FOLDER_PACKAGES,
  ROOT_LAYER,
  TESTING_FOLDER,
} from "./layer_table.ts";
import { readImports } from "./module_graph.ts";
import { isTest, ROOT, sourcePaths } from "./project_files.ts";
import { isMemberName, lineOf, parse, walk } from "./syntax.ts";

/** One import of a module. */
export interface Import {
  /** The module that is imported: a path of the project, or the name as the source has it. */
  target: string;
  /** Line of the import, from 1. */
  line: number;
  /** Whether it is loaded first: not for its types alone, and not on demand. */
  loads: boolean;
}

/** A module and what it imports, types included. */
export interface ModuleImports {
  path: string;
  imports: Import[];
}

interface Place {
  /** The folder that keeps together: `tcp`, `http/_engine`. */
  unit: string;
  layer: number;
  isEngine: boolean;
  /** Others come in through its `mod.ts`. */
  isPublic: boolean;
}

const RUNTIME_FOLDER = "_runtime";
/** The one module of Node that works the same in both runtimes, and the one place for it. */
const SHARED_NODE_IMPORT = { path: "_core/emitter.ts", target: "node:events" };
/** Packages that shipped code may use. */
const SHIPPED_PACKAGES = /^@std\/(async|crypto)(\/|$)/;
/** Packages that tests may use besides. */
const TEST_PACKAGES = /^(@std\/(assert|async|crypto)|hono)(\/|$)/;

/** Where a path belongs, or nothing if the layer table does not know it. */
function placeOf(path: string): Place | undefined {
  if (path === "mod.ts") {
    return { unit: path, layer: ROOT_LAYER, isEngine: false, isPublic: false };
  }
  const [folder = "", inner, file] = path.split("/");
  // A fake in `_testing/http/` is a part of the tests of http, and knows what they know.
  if (folder === TESTING_FOLDER && file !== undefined) return placeOf(`${inner}/${file}`);
  const layer = new Map<string, number>(Object.entries(FOLDER_LAYERS)).get(folder);
  if (layer === undefined || inner === undefined) return undefined;
  if (inner === "_engine" && file !== undefined) {
    return { unit: `${folder}/${inner}`, layer: ENGINE_LAYER, isEngine: true, isPublic: false };
  }
  return { unit: folder, layer, isEngine: false, isPublic: !folder.startsWith("_") };
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Tests, their fakes and the scripts: what never ships. */
function isSupport(path: string): boolean {
  return isTest(path) || isIn(path, TESTING_FOLDER) || isIn(path, "scripts");
}

function isProjectPath(target: string): boolean {
  return /\.(ts|json|cjs)$/.test(target) && !target.startsWith("@") && !target.includes(":");
}

/** Checks the imports of one module. */
export function checkImports({ path, imports }: ModuleImports): Finding[] {
  if (isIn(path, "scripts")) return [];
  const from = placeOf(path);
  if (!from && !isSupport(path)) {
    return [{ path, line: 1, rule: "layer", message: "The layer table does not know this place" }];
  }
  return imports.flatMap(({ target, line }) => {
    const broken = isProjectPath(target)
      ? projectRule(path, from, target)
      : externalRule(path, from, target);
    return broken ? [{ path, line, rule: broken[0], message: broken[1] }] : [];
  });
}

/**
 * Finds modules that load one another: which of them runs first would depend on who is asked for
 * first, and the npm build refuses them. For types they may.
 */
export function checkCircles(modules: readonly ModuleImports[]): Finding[] {
  const graph = new Map(modules.map((module) => [module.path, module.imports]));
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): void => {
    done.add(path);
    const way = [...above, path];
    for (const { target, line, loads } of graph.get(path) ?? []) {
      if (!loads) continue;
      const from = way.indexOf(target);
      if (from >= 0) {
        const message = `Modules load one another: ${[...way.slice(from), target].join(" -> ")}`;
        findings.push({ path, line, rule: "circle", message });
      } else if (!done.has(target)) visit(target, way);
    }
  };
  for (const { path } of modules) if (!done.has(path)) visit(path, []);
  return findings;
}

type Broken = [rule: string, message: string] | undefined;

function projectRule(path: string, from: Place | undefined, target: string): Broken {
  if (isIn(target, "scripts")) return ["scripts", `The library imports the tool ${target}`];
  if (isTest(target)) return ["testing", `${target} is a test, which nothing imports`];
  if (isIn(target, TESTING_FOLDER)) {
    return isSupport(path) ? undefined : ["testing", `Shipped code imports ${target}`];
  }
  const to = placeOf(target);
  if (!to) return ["layer", `The layer table does not know ${target}`];
  return unitRule(from, to, target);
}

function unitRule(from: Place | undefined, to: Place, target: string): Broken {
  if (from?.unit === to.unit) return undefined;
  if (from?.isEngine && to.unit !== "_core") {
    return ["engine", `An engine imports ${target}; only _core/ and its own folder are open to it`];
  }
  if (to.isEngine && !to.unit.startsWith(`${from?.unit}/`)) {
    return ["mod-only", `${target} is the engine of another module`];
  }
  if (to.isPublic && target !== `${to.unit}/mod.ts`) {
    return ["mod-only", `${target} is reached past ${to.unit}/mod.ts`];
  }
  if (from && to.layer >= from.layer) {
    return ["layer", `${from.unit} (layer ${from.layer}) imports ${target} (layer ${to.layer})`];
  }
  if (to.unit === "websocket" && from?.unit !== "mod.ts") {
    return ["layer", `${target} is imported by a module other than mod.ts`];
  }
  return undefined;
}

function externalRule(path: string, from: Place | undefined, target: string): Broken {
  if (isSupport(path)) {
    const known = target.startsWith("node:") || TEST_PACKAGES.test(target);
    return known ? undefined : ["package", `Tests do not use ${target}`];
  }
  if (from?.isEngine) return ["engine", `An engine imports ${target}`];
  if (isIn(path, RUNTIME_FOLDER) && target.startsWith("node:")) return undefined;
  if (path === SHARED_NODE_IMPORT.path && target === SHARED_NODE_IMPORT.target) return undefined;
  if (target.startsWith("node:")) return ["runtime", `${target} is named outside of _runtime/`];
  if (SHIPPED_PACKAGES.test(target)) return undefined;
  if (FOLDER_PACKAGES[path.split("/", 1)[0] ?? ""]?.includes(target)) return undefined;
  return ["package", `Shipped code imports ${target}`];
}

/** Names that no engine may know: time, chance, waiting and the world outside. */
const IMPURE: ReadonlySet<string> = new Set([
  "AbortController",
  "AbortSignal",
  "Date",
  "Promise",
  "ReadableStream",
  "WritableStream",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Checks what a module names besides its imports. */
export function checkNames(path: string, text: string): Finding[] {
  if (isSupport(path)) return [];
  const source = parse(path, text);
  const isEngine = placeOf(path)?.isEngine ?? false;
  const findings: Finding[] = [];
  walk(source, (node) => {
    const broken = isEngine ? engineRule(node) ?? denoRule(path, node) : denoRule(path, node);
    if (!broken) return;
    findings.push({ path, line: lineOf(source, node), rule: broken[0], message: broken[1] });
  });
  return findings;
}

function denoRule(path: string, node: ts.Node): Broken {
  if (isIn(path, RUNTIME_FOLDER)) return undefined;
  const names = ts.isIdentifier(node) && node.text === "Deno";
  return names ? ["runtime", "Deno is named outside of _runtime/"] : undefined;
}

function engineRule(node: ts.Node): Broken {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) {
    return ["engine", "An engine waits; it has to be synchronous"];
  }
  if (!ts.isIdentifier(node)) return undefined;
  if (isMemberName(node)) {
    const isRandom = node.text === "random" && node.parent.getText() === "Math.random";
    return isRandom ? ["engine", "An engine uses Math.random"] : undefined;
  }
  return IMPURE.has(node.text) ? ["engine", `An engine uses ${node.text}`] : undefined;
}

if (import.meta.main) {
  const paths = (await sourcePaths()).filter((path) => path.endsWith(".ts"));
  const modules = await readImports(paths);
  const imports = [...modules.flatMap(checkImports), ...checkCircles(modules)];
  const names = await Promise.all(
    paths.map(async (path) => checkNames(path, await Deno.readTextFile(ROOT + path))),
  );
  report([...imports, ...names.flat()], "layers");
}
