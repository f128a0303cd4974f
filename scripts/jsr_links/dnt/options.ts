import type ts from "typescript";

/** A name of the package and the module that it stands for. */
export interface EntryPoint {
  /** `"."` or `"./name"`. */
  name: string;
  /** Path of the module. */
  path: string;
}

/** The part of a `package.json` that the build reads or completes. */
export interface PackageJson {
  name: string;
  version: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
  [property: string]: unknown;
}

/** The options of {@linkcode build} that this project uses; as in the real package. */
export interface BuildOptions {
  entryPoints: EntryPoint[];
  outDir: string;
  /** `"dev"`: test files get `Deno.test` from `@deno/shim-deno-test`; the rest gets no shim. */
  shims: { deno: { test: "dev" } };
  typeCheck: "both";
  test: true;
  /** Glob below the working directory of the modules to take along as tests. */
  testPattern: string;
  declaration: "inline";
  declarationMap: false;
  /** Module to module: what to use instead of a module, in every import of it. */
  mappings: Record<string, string>;
  package: PackageJson;
  compilerOptions: { target: string; lib: string[]; noUncheckedIndexedAccess?: boolean };
  /** Whether a complaint of the compiler counts; each one does unless given. */
  filterDiagnostic?: (diagnostic: ts.Diagnostic) => boolean;
  postBuild?: () => void | Promise<void>;
}
