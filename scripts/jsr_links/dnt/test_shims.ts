/** Package that gives `Deno.test` to the tests in Node. */
export const TEST_SHIM = "@deno/shim-deno-test";

/** Name of the module below `src/` that the tests have their `Deno` and `globalThis` from. */
export const TEST_SHIMS_MODULE = "_dnt.test_shims.ts";

/** Its text. As in the real package, `"Deno" in globalThis` is true in a test that runs in Node. */
export const TEST_SHIMS_TEXT = `import { Deno } from "${TEST_SHIM}";

export { Deno };

export const dntGlobalThis = new Proxy(globalThis, {
  has: (target, key) => key === "Deno" || key in target,
  get: (target, key) => key === "Deno" ? Deno : Reflect.get(target, key),
}) as Omit<typeof globalThis, "Deno"> & { Deno: typeof Deno };
`;
