/**
 * Stands in for the part of `@deno/dnt` that this project's build uses, where JSR cannot be
 * reached: the same options, the same layout of the result, on `deno info --json` for the module
 * graph and on TypeScript for the rest, of the version that dnt 0.42 has. Where the real one would
 * change the code by a polyfill or a shim that the package shall not have, this one stops.
 *
 * @module
 */

export { build } from "./build.ts";
export { emptyDir } from "./empty_dir.ts";
export type { BuildOptions, EntryPoint, PackageJson } from "./options.ts";
