/** The present time as HTTP writes it. @module */

import { sharedTimers } from "../_runtime/clock.ts";

let made = NaN;
let text = "";

/** The value of Date (RFC 9110, section 6.6.1): made anew a few times a second at most. */
export function httpDate(): string {
  const now = sharedTimers.roughNow();
  if (now !== made) {
    made = now;
    text = new Date().toUTCString();
  }
  return text;
}
