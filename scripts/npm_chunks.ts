/**
 * Joins the modules of the npm build into one file for each public module.
 *
 * Node resolves, opens and links every file by itself, and to load a hundred of them took most of the
 * time that an import took. Every module keeps its file, which only re-exports what it had from the
 * file where the code is now: so the tests beside it run on the code that is shipped.
 *
 * @module
 */

import { type OutputChunk, type OutputOptions, type Plugin, rollup } from "rollup";
import ts from "typescript";

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  removeComments: true,
};

/** The folder of the joined code, in the folder of each format. */
export const CHUNKS_FOLDER = "_chunks";

/** Where the code goes that two modules need of which neither needs the other. */
const BASE = "base";

/** What the modules that a module imports, and waits for, are: their paths by its path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** A module that somebody may load first, and the name of the file with its code. */
export interface Start {
  name: string;
  path: string;
}

function reach(graph: ImportGraph, path: string, reached = new Set<string>()): Set<string> {
  if (reached.has(path)) return reached;
  reached.add(path);
  for (const imported of graph.get(path) ?? []) reach(graph, imported, reached);
  return reached;
}

/**
 * The file of each module's code: that of the first start that needs it, so nobody loads what only
 * later ones need. `starts` has the lower layers first.
 */
export function chunkNames(graph: ImportGraph, starts: readonly Start[]): Map<string, string> {
  const owners = new Map<string, Start>();
  const names = new Map<string, string>();
  for (const start of starts) {
    const reached = reach(graph, start.path);
    for (const path of reached) {
      const owner = owners.get(path);
      if (!owner) owners.set(path, start);
      if (!owner) names.set(path, start.name);
      else if (!reached.has(owner.path)) names.set(path, BASE);
    }
  }
  return names;
}

/** Gives every module that is reached a file of its own, with the names that it exports. */
function facades(pathOf: (id: string) => string): Plugin {
  return {
    name: "facades",
    moduleParsed({ id, isEntry }) {
      if (isEntry) return;
      this.emitFile({ type: "chunk", id, fileName: pathOf(id), preserveSignature: "strict" });
    },
  };
}

/** What a module is for is said in its declarations, beside which the package needs no second copy. */
const uncommented: Plugin = {
  name: "uncommented",
  transform: (code) => ({
    code: ts.transpileModule(code, { compilerOptions }).outputText,
    map: null,
  }),
};

/** The files that are loaded, now or on demand, by whoever loads `starts`. */
function loadedBy(starts: readonly Start[], files: readonly OutputChunk[]): Set<string> {
  const graph = new Map(files.map(({ fileName, imports, dynamicImports }) => {
    return [fileName, [...imports, ...dynamicImports]];
  }));
  const loaded = new Set<string>();
  for (const { path } of starts) reach(graph, path, loaded);
  return loaded;
}

/** How the files of a format are written, and where they go. */
export interface Format {
  format: "es" | "cjs";
  folder: string;
}

/**
 * Joins modules.
 *
 * @param folder Absolute path of the folder with the ES modules.
 * @param starts The public modules, with paths in the folder, the lower layers first.
 * @param formats What is written; the folder of the ES modules may be among the folders.
 * @returns The paths, in each of these folders, of the files that only tests load.
 */
export async function joinModules(
  folder: string,
  starts: readonly Start[],
  formats: readonly Format[],
): Promise<string[]> {
  const pathOf = (id: string) => id.slice(folder.length + 1);
  const bundle = await rollup({
    input: Object.fromEntries(starts.map(({ path }) => [path, `${folder}/${path}`])),
    external: (specifier) => !/^[./]/.test(specifier),
    plugins: [uncommented, facades(pathOf)],
    preserveEntrySignatures: "strict",
    // What is not needed goes when the application is bundled. Here a test may need it.
    treeshake: false,
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  let names: Map<string, string> | undefined;
  const outputs = formats.map(({ format, folder }): OutputOptions => ({
    format,
    dir: folder,
    entryFileNames: "[name]",
    chunkFileNames: `${CHUNKS_FOLDER}/[name].js`,
    exports: "named",
    esModule: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    generatedCode: "es2015",
    dynamicImportInCjs: false,
    manualChunks(id, { getModuleIds, getModuleInfo }) {
      names ??= namesOf([...getModuleIds()].map((id) => getModuleInfo(id)!), starts, pathOf);
      return names.get(pathOf(id));
    },
  }));
  const written = await Promise.all(outputs.map((options) => bundle.write(options)));
  await bundle.close();
  const files = written[0]!.output.filter((file) => file.type === "chunk");
  const loaded = loadedBy(starts, files);
  return files.map(({ fileName }) => fileName).filter((path) => !loaded.has(path));
}

interface Parsed {
  id: string;
  importedIds: readonly string[];
  dynamicallyImportedIds: readonly string[];
}

/** What is loaded on demand only is a start like the public modules. */
function namesOf(
  modules: readonly Parsed[],
  starts: readonly Start[],
  pathOf: (id: string) => string,
): Map<string, string> {
  const graph = new Map(
    modules.map(({ id, importedIds }) => [pathOf(id), importedIds.map(pathOf)]),
  );
  const onDemand = new Set(modules.flatMap((module) => module.dynamicallyImportedIds.map(pathOf)));
  const further = [...onDemand].filter((path) => graph.has(path)).map((path) => {
    return { name: path.replace(/^.*\//, "").replace(/\.js$/, ""), path };
  });
  return chunkNames(graph, [...starts, ...further]);
}
