import ts from "typescript";
import type { BuildOptions } from "./options.ts";
import { write } from "./paths.ts";

type Kind = "esm" | "script";

/** What differs between the two formats. */
const FORMATS: Record<Kind, { type: string; options: object }> = {
  esm: {
    type: "module",
    options: { module: "ESNext", moduleResolution: "Bundler", esModuleInterop: false },
  },
  script: {
    type: "commonjs",
    options: { module: "CommonJS", moduleResolution: "Node10", esModuleInterop: true },
  },
};

/** The checks of the real package, which are not all those of `strict`. */
const CHECKS = {
  alwaysStrict: true,
  noImplicitAny: true,
  noImplicitThis: true,
  strictBindCallApply: true,
  strictFunctionTypes: true,
  strictNullChecks: true,
  strictPropertyInitialization: true,
  useUnknownInCatchVariables: false,
};

function compilerOptions(options: BuildOptions, kind: Kind): ts.CompilerOptions {
  const json = {
    ...options.compilerOptions,
    ...CHECKS,
    ...FORMATS[kind].options,
    rootDir: `${options.outDir}/src`,
    outDir: `${options.outDir}/${kind}`,
    types: ["node"],
    declaration: true,
    isolatedModules: true,
    useDefineForClassFields: true,
    experimentalDecorators: true,
    allowSyntheticDefaultImports: true,
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
  const counts = options.filterDiagnostic ?? (() => true);
  assertClean(ts.getPreEmitDiagnostics(program).filter(counts));
  assertClean(program.emit().diagnostics);
  const type = JSON.stringify({ type: FORMATS[kind].type }, null, 2);
  await write(`${options.outDir}/${kind}/package.json`, `${type}\n`);
}
