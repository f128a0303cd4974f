/** The emitter under every long-lived object: `node:events`, which both runtimes have. @module */

import { EventEmitter } from "node:events";

/** What a listener table looks like: event names with the arguments of their listeners. */
export type EventMap<Events> = Record<keyof Events, unknown[]>;

/** Key of the hook that a subclass may override; see {@linkcode Emitter}. */
export const beforeListener: unique symbol = Symbol("beforeListener");

/**
 * A typed EventEmitter that can tell its subclass when a listener comes: sockets start to flow
 * with the first `data` listener. The event `newListener` would do, were it not lost with
 * `removeAllListeners()`; overriding `on` in the class would need the private types of its
 * generic signature.
 */
export class Emitter<Events extends EventMap<Events>> extends EventEmitter<Events> {
  /** Called before a listener is added; what it throws reaches the caller of `on`. */
  [beforeListener](_event: string): void {}
}

// `once` and `prependOnceListener` go through these three.
for (const name of ["on", "addListener", "prependListener"] as const) {
  const add = EventEmitter.prototype[name];
  Object.defineProperty(Emitter.prototype, name, {
    configurable: true,
    writable: true,
    value: function (
      this: Emitter<Record<string, unknown[]>>,
      event: string,
      listener: (...args: unknown[]) => void,
    ) {
      this[beforeListener](event);
      return add.call(this, event, listener);
    },
  });
}

/**
 * Throws what a listener threw after the current work is done, so that it reaches the process as
 * an uncaught exception and leaves our own state whole.
 */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
