import { compile } from "./compile.ts";
import { findTests } from "./find_tests.ts";
import { type Graph, type Module, ModuleGraph } from "./graph.ts";
import { layOut } from "./layout.ts";
import { jsName, npmIgnore, packageJson } from "./manifest.ts";
import type { BuildOptions } from "./options.ts";
import { relativeImport, urlOf, write } from "./paths.ts";
import { rewrite } from "./rewrite.ts";
import { TEST_SHIMS_MODULE, TEST_SHIMS_TEXT } from "./test_shims.ts";
import { fromFileUrl } from "./urls.ts";

const SHIMS_JS = jsName(TEST_SHIMS_MODULE);

/** The modules of a build and the place of each below `src/`. */
interface Project {
  main: Graph;
  tests: Graph;
  places: Map<string, string>;
}

/** Builds an npm package from Deno modules. */
export async function build(given: BuildOptions): Promise<void> {
  const options = { ...given, outDir: fromFileUrl(urlOf(given.outDir)).replace(/\/$/, "") };
  log("Transforming...");
  const project = await collect(options);
  const sources = await transform(project);
  await Promise.all(
    [...sources].map(([place, text]) => write(`${options.outDir}/src/${place}`, text)),
  );
  await writeManifest(options, project);
  await npm(options, "install");
  for (const kind of ["esm", "script"] as const) {
    log(`Building ${kind}...`);
    await compile(options, [...sources.keys()], kind);
  }
  await options.postBuild?.();
  log("Running tests...");
  await npm(options, "run", "test");
  log("Complete!");
}

async function collect(options: BuildOptions): Promise<Project> {
  const entryPoints = options.entryPoints.map(({ path }) => urlOf(path));
  const testFiles = await findTests(options.testPattern);
  const mappings = Object.entries(options.mappings).map(([from, to]): [string, string] => [
    urlOf(from),
    urlOf(to),
  ]);
  const graph = await ModuleGraph.load([...entryPoints, ...testFiles], new Map(mappings));
  const main = graph.reach(entryPoints);
  const tests = graph.reach(testFiles, main);
  graph.assertMappingsUsed();
  return { main, tests, places: await layOut(entryPoints, new Map([...main, ...tests])) };
}

/** The text of every module below `src/`, by its place. */
async function transform({ main, tests, places }: Project): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const [url, module] of [...main, ...tests]) {
    const path = placeOf(url, places);
    const text = await Deno.readTextFile(fromFileUrl(url));
    const rename = (specifier: string) => renamed(specifier, module, path, places);
    const result = rewrite({ path, text, isTest: tests.has(url), rename });
    const names = [...result.shims].join(", ");
    // On the first line, so that the line numbers stay those of the source.
    const head = names && `import { ${names} } from "${relativeImport(path, SHIMS_JS)}"; `;
    sources.set(path, head + result.text);
  }
  return sources.set(TEST_SHIMS_MODULE, TEST_SHIMS_TEXT);
}

function placeOf(url: string, places: Map<string, string>): string {
  const place = places.get(url);
  if (place === undefined) throw new Error(`Cannot place the module ${url}`);
  return place;
}

function renamed(
  specifier: string,
  module: Module,
  place: string,
  places: Map<string, string>,
): string {
  const target = module.imports.get(specifier);
  if (target === undefined) return specifier;
  if (target.startsWith("node:")) return target;
  if (target.startsWith("npm:")) return npmName(target).import;
  return relativeImport(place, jsName(placeOf(target, places)));
}

/** Takes `npm:/name@1.2.3/sub` apart. */
function npmName(url: string): { name: string; version: string; import: string } {
  const [, name = "", version = "*", sub = ""] =
    /^npm:\/?((?:@[^/]+\/)?[^@/]+)(?:@([^/]+))?(\/.*)?$/.exec(url) ?? [];
  return { name, version, import: name + sub };
}

function npmDependencies(graph: Graph): Map<string, string> {
  const targets = [...graph.values()].flatMap(({ imports }) => [...imports.values()]);
  return new Map(
    targets.filter((target) => target.startsWith("npm:")).map((target) => {
      const { name, version } = npmName(target);
      return [name, version];
    }),
  );
}

async function writeManifest(options: BuildOptions, project: Project): Promise<void> {
  const entries = options.entryPoints.map(({ path }) => placeOf(urlOf(path), project.places));
  const dependencies = npmDependencies(project.main);
  const testDependencies = npmDependencies(project.tests);
  const manifest = packageJson(options, entries, dependencies, testDependencies);
  await write(`${options.outDir}/package.json`, manifest);
  const testPlaces = [...project.tests.keys()].map((url) => placeOf(url, project.places));
  await write(`${options.outDir}/.npmignore`, npmIgnore([...testPlaces, TEST_SHIMS_MODULE]));
}

async function npm(options: BuildOptions, ...args: string[]): Promise<void> {
  const command = new Deno.Command("npm", {
    args,
    cwd: options.outDir,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success, code } = await command.output();
  if (!success) throw new Error(`Cannot go on: npm ${args.join(" ")} ended with status ${code}`);
}

function log(message: string): void {
  console.log(`[dnt stand-in] ${message}`);
}
