/** The environment variables of the process. @module */

import { netError } from "../_core/errors.ts";

/** A variable; undefined when it is not set. Throws `ERR_ACCESS_DENIED` without the permission. */
export function environmentVariable(name: string): string | undefined {
  try {
    // The global: the module `node:process` would load all that hangs on it, which takes 3 ms.
    return process.env[name];
  } catch (error) {
    // Only Deno refuses.
    throw netError(
      "ERR_ACCESS_DENIED",
      `Cannot read the environment variable ${name}: --allow-env is missing (ERR_ACCESS_DENIED)`,
      { cause: error },
    );
  }
}
