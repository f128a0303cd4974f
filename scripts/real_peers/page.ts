/** A page in Chromium that runs cases by itself and reports what each gave. @module */

import { assert, assertEquals } from "@std/assert";
import { serve } from "@netstd/net/http";
import { browse } from "./chromium.ts";
import { missing } from "./missing.ts";

/** What the page did, by the name of the case; an error as its text. */
export type Report = Readonly<Record<string, unknown>>;

/** The site that a page comes from. */
export interface Site {
  /** Answers its requests. */
  readonly handle: (request: Request) => Response | Promise<Response>;
  /** What the page reports. */
  readonly reported: Promise<Report>;
}

function compare(report: Report, expected: Report): number {
  let failed = 0;
  for (const [name, value] of Object.entries(expected)) {
    try {
      assertEquals(report[name], value);
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${name}:`, error);
    }
  }
  return failed;
}

/** Opens the page of a site, and compares what it reports; gives the task's status. */
export async function checkPage({ handle, reported }: Site, expected: Report): Promise<number> {
  const server = serve({ port: 0, hostname: "127.0.0.1" }, handle);
  const address = await server.opened;
  assert(address.transport === "tcp");
  try {
    const report = await browse(`http://127.0.0.1:${address.port}/`, reported);
    if (report === null) return missing("Chromium", "chromium");
    const failed = compare(report, expected);
    console.log(`${Object.keys(expected).length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await server.close();
  }
}
