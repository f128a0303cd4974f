import ts from "typescript";
import type { BuildOptions } from "./options.ts";
import { write } from "./paths.ts";

type Kind = "esm" | "script";

/** What differs between the two formats. */
const MODULE: Record<Kind, { module: string; type: string }> = {
  esm: { module: "ESNext", type: "module" },
  script: { module: "CommonJS", type: "commonjs" },
};

function compilerOptions(options: BuildOptions, kind: Kind): ts.CompilerOptions {
  const json = {
    ...options.compilerOptions,
    module: MODULE[kind].module,
    moduleResolution: "Bundler",
    rootDir: `${options.outDir}/src`,
    outDir: `${options.outDir}/${kind}`,
    types: ["node"],
    strict: true,
    useUnknownInCatchVariables: false,
    declaration: true,
    isolatedModules: true,
    esModuleInterop: true,
    skipLibCheck: true,
    newLine: "lf",
  };
  const { options: parsed, errors } = ts.convertCompilerOptionsFromJson(json, options.outDir);
  assertClean(errors);
  return parsed;
}

function assertClean(diagnostics: readonly ts.Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  const list = ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: Deno.cwd,
    getNewLine: () => "\n",
  });
  throw new Error(`TypeScript has ${diagnostics.length} complaints:\n${list}`);
}

/** Checks and emits one format of the package: JavaScript with its declarations beside it. */
export async function compile(options: BuildOptions, places: string[], kind: Kind): Promise<void> {
  const parsed = compilerOptions(options, kind);
  const host = ts.createCompilerHost(parsed);
  // The compiler looks for node_modules from here.
  host.getCurrentDirectory = () => options.outDir;
  const roots = places.map((place) => `${options.outDir}/src/${place}`);
  const program = ts.createProgram(roots, parsed, host);
  assertClean(ts.getPreEmitDiagnostics(program));
  assertClean(program.emit().diagnostics);
  const type = JSON.stringify({ type: MODULE[kind].type }, null, 2);
  await write(`${options.outDir}/${kind}/package.json`, `${type}\n`);
}
