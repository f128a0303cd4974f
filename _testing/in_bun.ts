import process from "node:process";

/** Whether the tests run in Bun, which runs the npm build as Node does, on insides of its own. */
export const IN_BUN: boolean = process.versions["bun"] !== undefined;
