/**
 * Stands in for the part of `@deno/dnt` that this project's build uses, where JSR cannot be
 * reached: the same options, the same layout of the result, on `deno info --json` for the module
 * graph and on TypeScript for the rest, of the version that dnt 0.42 has. It adds no polyfills;
 * `scripts/shape_npm.ts` sees to it that the real one has none to add.
 *
 * @module
 */

export { build } from "./build.ts";
export { emptyDir } from "./empty_dir.ts";
export type { BuildOptions, EntryPoint, PackageJson } from "./options.ts";
