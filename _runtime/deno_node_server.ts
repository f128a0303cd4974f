/**
 * Keeps a server of Deno's `node:net` accepting. Deno looks at a listening socket when something wakes
 * it, and an accept that failed for want of a descriptor leaves nothing behind that would: the server
 * would take nobody ever again. To be told to listen once more wakes it; the system is not asked again.
 *
 * That call is not public in Deno: in a version that has it no more, nothing is done.
 *
 * @module
 */

import type { Server } from "node:net";
import type { TimerQueue } from "../_io/timers.ts";
import { sharedTimers } from "./clock.ts";
import { DescriptorWatch, type ServerWatch } from "./node_descriptors.ts";

/** How long clients may wait once there are descriptors again, in ms. */
const WAKE_EVERY = 1000;

/** What Deno's handle below a server offers. */
interface ListeningHandle {
  listen(backlog: number): number;
}

function wake(server: Server, backlog: number): void {
  const { _handle: handle } = server as Server & { _handle?: Partial<ListeningHandle> | null };
  handle?.listen?.(backlog);
}

/** Whether it may be tried to have a descriptor, without a question to the user. */
function mayLook(): boolean {
  const descriptor = { name: "read", path: "/dev/null" } as const;
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Looks after a listening server; `onExhausted` is told the system's code, where that is seen. */
export function keepAccepting(
  server: Server,
  backlog: number,
  onExhausted: (code: string) => void,
  timers: TimerQueue = sharedTimers,
): ServerWatch {
  const descriptors = mayLook() ? new DescriptorWatch(onExhausted, timers) : null;
  // A failed accept is not told, and may be the first: it is not waited for a client.
  const alarm = timers.timeout(WAKE_EVERY, () => {
    wake(server, backlog);
    alarm.start();
  });
  alarm.start();
  return {
    clientCame: () => descriptors?.clientCame(),
    stop() {
      alarm.stop();
      descriptors?.stop();
    },
  };
}
