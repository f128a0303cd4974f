/** The environment variables of the process. @module */

import process from "node:process";
import { netError } from "../_core/errors.ts";

/** A variable; undefined when it is not set. Throws `ERR_ACCESS_DENIED` without the permission. */
export function environmentVariable(name: string): string | undefined {
  try {
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
