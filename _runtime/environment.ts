/** The environment variables of the process. @module */

import process from "node:process";
import { mapError } from "./map_error.ts";

/** A variable; undefined when it is not set. Throws `ERR_ACCESS_DENIED` without the permission. */
export function environmentVariable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch (error) {
    throw mapError(error, { syscall: "getenv" });
  }
}
