/**
 * The npm package as its users get it: packed, installed into an empty project, loaded in every way
 * by every runtime and compiler. `deno task test:package` after `deno task build:npm`; it needs the
 * npm registry. The last line is `N passed, N failed`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { exists, ROOT } from "../project_files.ts";
import { COMMON_JS, ESM, ESM_ROOT, EXPECTED, MISTYPED, TYPED } from "./programs.ts";
import { COMPILERS, need, Project, run, RUNTIMES } from "./project.ts";
import { writeExamples } from "./readme_examples.ts";
import { MOST_FOR_TCP, showTimes, startTimes } from "./start_time.ts";

let passed = 0;
let failed = 0;

async function check(name: string, body: () => Promise<string | void>): Promise<void> {
  try {
    const figures = await body();
    console.log(`ok ${name}${figures ? `: ${figures}` : ""}`);
    passed++;
  } catch (error) {
    console.log(`FAILED ${name}:`, error instanceof Error ? error.message : error);
    failed++;
  }
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}

async function contents({ packed }: Project): Promise<string> {
  const paths = packed.files.map(({ path }) => path);
  const wrong = paths.filter((path) =>
    /(_test\.|\.test\.|_testing|scripts|jsr_links|\/deps\/)/.test(path)
  );
  assertEquals(wrong, []);
  assert(paths.includes("README.md") && paths.includes("LICENSE"));
  return await `${paths.length} files, ${kib(packed.size)} packed, ${
    kib(packed.unpackedSize)
  } unpacked`;
}

async function programs(project: Project): Promise<void> {
  const files = {
    "ES modules": await project.write("esm.mjs", ESM),
    "the root module": await project.write("root.mjs", ESM_ROOT),
    CommonJS: await project.write("common.cjs", COMMON_JS),
  };
  for (const [runtime, program] of Object.entries(RUNTIMES)) {
    for (const [way, file] of Object.entries(files)) {
      await check(`${runtime}, ${way}`, async () => {
        assertEquals(await need(project.folder, [project.installed(program), file]), EXPECTED);
      });
    }
  }
}

/** Where TypeScript looks for modules, and the files that make sense there. */
const RESOLUTIONS = {
  // The default of TypeScript 5 for CommonJS; 6 refuses it.
  node10: { module: "commonjs", names: ["ts"] },
  node16: { module: "node16", names: ["mts", "cts"] },
  nodenext: { module: "nodenext", names: ["mts", "cts"] },
  bundler: { module: "esnext", names: ["ts"] },
};

async function types(project: Project): Promise<void> {
  for (const compiler of COMPILERS) {
    for (const [moduleResolution, { module, names }] of Object.entries(RESOLUTIONS)) {
      if (moduleResolution === "node10" && compiler === "typescript-6") continue;
      await check(`${compiler}, ${moduleResolution}`, async () => {
        const folder = `types/${compiler}-${moduleResolution}`;
        const files = names.map((name) => `use.${name}`);
        for (const name of names) await project.write(`${folder}/use.${name}`, TYPED);
        await project.write(`${folder}/wrong.ts`, MISTYPED);
        const compilerOptions = {
          module,
          moduleResolution,
          target: "es2022",
          lib: ["es2023", "esnext.disposable"],
          types: ["node"],
          strict: true,
          noEmit: true,
        };
        const tsconfig = (files: string[]) => JSON.stringify({ compilerOptions, files });
        await project.write(`${folder}/tsconfig.json`, tsconfig(files));
        await project.write(`${folder}/wrong.json`, tsconfig(["wrong.ts"]));
        const node = project.installed(RUNTIMES["Node 20"]!);
        const tsc = [node, project.installed(`${compiler}/bin/tsc`), "-p"];
        await need(`${project.folder}/${folder}`, [...tsc, "tsconfig.json"]);
        const wrong = await run(`${project.folder}/${folder}`, [...tsc, "wrong.json"]);
        assert(/TS2322|TS2345|TS2769/.test(wrong.output), `a wrong type passes: ${wrong.output}`);
      });
    }
  }
}

/** What may be in a bundle of a module besides its own folder. */
const FOREIGN = {
  tcp: /\/(http|websocket|tls|udp)(\/|\.js)|@peculiar/,
  udp: /\/(http|websocket|tls|tcp)(\/|\.js)|@peculiar/,
  http: /\/websocket(\/|\.js)/,
};

async function bundles(project: Project): Promise<void> {
  for (const [name, foreign] of Object.entries(FOREIGN)) {
    await check(`a bundle of ${name}`, async () => {
      const entry = await project.write(
        `bundle/${name}.mjs`,
        `import * as ${name} from "@netstd/net/${name}";\nconsole.log(${name});\n`,
      );
      const outfile = `${project.folder}/bundle/${name}.out.mjs`;
      await need(project.folder, [
        project.installed(".bin/esbuild"),
        entry,
        "--bundle",
        "--minify",
        "--platform=node",
        "--format=esm",
        `--outfile=${outfile}`,
        `--metafile=${outfile}.json`,
      ]);
      const { inputs } = JSON.parse(await Deno.readTextFile(`${outfile}.json`));
      assertEquals(Object.keys(inputs).filter((path) => foreign.test(path)), []);
      return kib((await Deno.stat(outfile)).size);
    });
  }
}

async function examples(project: Project): Promise<void> {
  const node = project.installed(RUNTIMES["Node 20"]!);
  for (const [line, path] of await writeExamples(project)) {
    await check(`README's example in line ${line}, Node 20`, async () => {
      await need(project.folder, [node, path]);
    });
  }
}

async function times(project: Project): Promise<void> {
  await check("the time to load tcp", async () => {
    const all = await startTimes(project);
    const text = Object.entries(all).map(([name, list]) => `${name}: ${showTimes(list)}`).join(
      "; ",
    );
    for (const [name, list] of Object.entries(all)) {
      assert(list[1]! <= MOST_FOR_TCP, `${name} takes more than ${MOST_FOR_TCP} ms: ${text}`);
    }
    return text;
  });
}

async function documentation(folder: string): Promise<void> {
  const modules = Object.values(config.exports).map((path) => `${ROOT}${path}`);
  await check("the documentation of every public symbol", async () => {
    await need(ROOT, [Deno.execPath(), "doc", "--lint", ...modules]);
  });
  await check("the documentation as pages", async () => {
    await need(ROOT, [Deno.execPath(), "doc", "--html", `--output=${folder}/doc`, ...modules]);
    assert(await exists(`${folder}/doc/index.html`), "there is no index.html");
  });
}

async function main(): Promise<number> {
  if (!await exists(`${ROOT}npm/README.md`)) {
    console.error("There is no npm build yet: run deno task build:npm first");
    return 2;
  }
  await using project = await Project.make();
  await check("the contents", () => contents(project));
  await programs(project);
  await types(project);
  await bundles(project);
  await examples(project);
  await documentation(project.folder);
  await times(project);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
