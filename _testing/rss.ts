/**
 * Memory that a process holds, as the system counts it.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";

/** Resident bytes of a process (this one by default), or `null` where `/proc` does not tell. */
export function rss(pid: number = process.pid): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
