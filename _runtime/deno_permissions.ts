/** What Deno permits the program to reach, asked without a question to the user. @module */

import { formatHostPort } from "../_core/address.ts";
import { EVERY_ADDRESS } from "./every_address.ts";

/** Whether a host is permitted, or with its port `host:port`. */
export function mayReach(host: string): boolean {
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}

/** The addresses for "every address" that are permitted; all, for the error to come, if none is. */
export function everyAddress(port: number): readonly string[] {
  const permitted = EVERY_ADDRESS.filter((host) => mayReach(formatHostPort(host, port)));
  return permitted.length > 0 ? permitted : EVERY_ADDRESS;
}
