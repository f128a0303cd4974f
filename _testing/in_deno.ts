import process from "node:process";

/**
 * Whether the tests run in Deno. `"Deno" in globalThis` does not tell: in the npm build dnt gives the
 * tests a `Deno` of its own, and a `globalThis` that has it.
 */
export const IN_DENO: boolean = process.versions["deno"] !== undefined;
