/**
 * Builds the npm package from the Deno sources into `npm/`, with dnt: ESM and CommonJS, each with
 * its declarations, and the tests beside them for `scripts/node_test_runner.cjs`. The modules of
 * each are joined into a few files, see `scripts/npm_chunks.ts`.
 *
 * dnt emits the tests only if it may also run them, at the end of the build. Here the runner is
 * told to list them instead: a build says what it made, and running it is a step of its own.
 *
 * @module
 */

import { build, emptyDir } from "@deno/dnt";
import config from "../deno.json" with { type: "json" };
import { FOLDER_LAYERS, TESTED_FOLDERS } from "./layer_table.ts";
import { type Format, joinModules, type Start } from "./npm_chunks.ts";

const OUT_DIR = "npm";

/** The folders of the formats: ES modules and CommonJS. */
const FORMATS = ["esm", "script"] as const;

interface EntryPoint {
  name: string;
  path: string;
}

/** The entry points that the package has: those of deno.json, under the same names. */
function entryPoints(): EntryPoint[] {
  return Object.entries(config.exports).map(([name, path]) => ({ name, path }));
}

/** `exports` of package.json: for both formats the types of that format come first. */
function exportsOf(entries: EntryPoint[]): Record<string, unknown> {
  const conditions = (folder: string, path: string) => {
    const stem = path.replace(/^\.\//, "").replace(/\.ts$/, "");
    return { types: `./${folder}/${stem}.d.ts`, default: `./${folder}/${stem}.js` };
  };
  const fields = entries.map(({ name, path }) => [
    name,
    { import: conditions("esm", path), require: conditions("script", path) },
  ]);
  return { ...Object.fromEntries(fields), "./package.json": "./package.json" };
}

/** Where a compiler looks that does not read `exports`: with `moduleResolution: node10`. */
function typesVersions(entries: EntryPoint[]): Record<string, Record<string, string[]>> {
  const paths = entries.filter(({ name }) => name !== ".").map(({ name, path }) => [
    name.replace("./", ""),
    [path.replace("./", "./script/").replace(/\.ts$/, ".d.ts")],
  ]);
  return { "*": Object.fromEntries(paths) };
}

function packageJson(entries: EntryPoint[]) {
  return {
    name: config.name,
    version: config.version,
    description: "TCP, UDP, TLS, HTTP and WebSocket with one API for Deno and Node",
    keywords: ["tcp", "udp", "tls", "http", "websocket", "server", "client", "deno"],
    license: config.license,
    engines: { node: ">=20" },
    // Of what lies outside `esm/`, which says for itself that it is ESM.
    type: "commonjs",
    sideEffects: false,
    types: "./script/mod.d.ts",
    typesVersions: typesVersions(entries),
    exports: exportsOf(entries),
    scripts: { test: "node ../scripts/node_test_runner.cjs ." },
    // The declarations name types of Node; who compiles against them has these installed.
    peerDependencies: { "@types/node": ">=20" },
    peerDependenciesMeta: { "@types/node": { optional: true } },
    devDependencies: { "@types/node": "^20.19.0" },
  };
}

/**
 * Whether a complaint of the compiler is about code of ours. The packages that the tests bring along
 * may ask for more than Node 20 has.
 */
function isOurs({ file }: { file: { fileName: string } | undefined }): boolean {
  return !file?.fileName.includes("/src/deps/");
}

async function copyTexts(): Promise<void> {
  for (const name of ["LICENSE", "README.md"]) await Deno.copyFile(name, `${OUT_DIR}/${name}`);
}

/**
 * Before TypeScript 5.7 arrays of bytes had no type of buffer. What `Uint8Array.from` gives is the
 * same type from then on, and plain `Uint8Array` before.
 */
function forOldCompilers(declarations: string): string {
  return declarations
    .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array")
    .replaceAll("Uint8Array<ArrayBuffer>", `ReturnType<Uint8ArrayConstructor["from"]>`);
}

async function rewriteDeclarations(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await rewriteDeclarations(path);
    else if (name.endsWith(".d.ts")) {
      const text = await Deno.readTextFile(path);
      const rewritten = forOldCompilers(text);
      if (rewritten !== text) await Deno.writeTextFile(path, rewritten);
    }
  }
}

/** Leaves out of the manifest what only building and testing here need. */
async function trimManifest(): Promise<void> {
  const path = `${OUT_DIR}/package.json`;
  const { scripts: _, devDependencies: __, ...rest } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, `${JSON.stringify(rest, null, 2)}\n`);
}

/** The public modules as files of the build, the lower layers first. */
function starts(entries: EntryPoint[]): Start[] {
  const layerOf = ({ name }: Start) => new Map(Object.entries(FOLDER_LAYERS)).get(name) ?? Infinity;
  const all = entries.map(({ name, path }) => ({
    name: name.replace(/^\.\/?/, "") || "root",
    path: path.replace(/^\.\//, "").replace(/\.ts$/, ".js"),
  }));
  return all.sort((a, b) => layerOf(a) - layerOf(b));
}

/** Few files in the place of many. Those that only tests load stay out of the package. */
async function join(entries: EntryPoint[]): Promise<void> {
  const [esm, script] = FORMATS.map((name) => `${Deno.cwd()}/${OUT_DIR}/${name}`) as [
    string,
    string,
  ];
  const formats: Format[] = [{ format: "es", folder: esm }, { format: "cjs", folder: script }];
  const unshipped = await joinModules(esm, starts(entries), formats);
  const lines = unshipped.flatMap((path) => FORMATS.map((name) => `/${name}/${path}\n`));
  await Deno.writeTextFile(`${OUT_DIR}/.npmignore`, lines.join(""), { append: true });
}

async function finish(entries: EntryPoint[]): Promise<void> {
  for (const name of FORMATS) await rewriteDeclarations(`${OUT_DIR}/${name}`);
  await join(entries);
  await copyTexts();
}

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  Deno.env.set("NODE_TESTS", "list");
  Deno.env.set("npm_config_loglevel", "error");
  Deno.env.set("npm_config_audit", "false");
  Deno.env.set("npm_config_fund", "false");
  await emptyDir(OUT_DIR);
  const entries = entryPoints();
  await build({
    entryPoints: entries,
    outDir: OUT_DIR,
    shims: { deno: { test: "dev" } },
    // The one place where the runtime is exchanged.
    mappings: { "./_runtime/deno.ts": "./_runtime/node.ts" },
    typeCheck: "both",
    filterDiagnostic: isOurs,
    declaration: "inline",
    // The maps would point at sources that the package does not carry.
    declarationMap: false,
    test: true,
    // Tests under scripts/ check the tools themselves and run in Deno only.
    testPattern: `{${TESTED_FOLDERS.join(",")}}/**/*_test.ts`,
    compilerOptions: {
      // Node 20 has no `using`; ES2022 makes the compiler write it out.
      target: "ES2022",
      lib: ["ES2023", "ESNext.Disposable"],
      noUncheckedIndexedAccess: true,
    },
    package: packageJson(entries),
    postBuild: () => finish(entries),
  });
  // Not before the end: the build runs the script `test`.
  await trimManifest();
}
