/**
 * Whether the process has a file descriptor left, for servers of `node:net`, which do not say: Node
 * closes the clients that it has no descriptor for without a word, and Deno leaves them waiting.
 *
 * @module
 */

import * as fs from "node:fs";
import { sharedTimers } from "./clock.ts";
import { mapError } from "./map_error.ts";
import type { Timeout, TimerQueue } from "../_io/timers.ts";

/** How often the descriptors are looked at while clients come, in ms. */
const CHECK_EVERY = 1000;

/** Looks after a server of `node:net` while it listens. */
export interface ServerWatch {
  /** A client has come. */
  clientCame(): void;
  /** The server closes. */
  stop(): void;
}

/** What a program is out of, by the system's code; null as long as a descriptor can be had. */
function lack(): "EMFILE" | "ENFILE" | null {
  try {
    fs.closeSync(fs.openSync("/dev/null", "r"));
  } catch (error) {
    const { code } = mapError(error, { syscall: "open" });
    if (code === "EMFILE" || code === "ENFILE") return code;
  }
  return null;
}

/** Tells when there is none left: as long as clients come, it is tried now and then to have one. */
export class DescriptorWatch implements ServerWatch {
  readonly #timeout: Timeout;

  /** `onExhausted` is told the system's code, at most once a second. */
  constructor(onExhausted: (code: string) => void, timers: TimerQueue = sharedTimers, look = lack) {
    this.#timeout = timers.timeout(CHECK_EVERY, () => {
      const code = look();
      if (code === null) return;
      onExhausted(code);
      this.#timeout.start();
    });
  }

  clientCame(): void {
    if (!this.#timeout.active) this.#timeout.start();
  }

  stop(): void {
    this.#timeout.stop();
  }
}
