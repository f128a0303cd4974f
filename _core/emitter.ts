/** What every emitter of ours adds to `node:events`, which both runtimes have. @module */

import { EventEmitter } from "node:events";

export { EventEmitter };

type Listener = (...args: unknown[]) => void;

/**
 * Calls `hook` before a listener is added to an emitter of a class, by whichever method; what it
 * throws reaches the caller of that method. Sockets start to flow with their first `data` listener
 * by it.
 *
 * The event `newListener` would do, were it not lost with `removeAllListeners()`; overriding `on`
 * in the class would need private types of its generic signature.
 */
export function beforeListener<Emitter extends EventEmitter>(
  prototype: Emitter,
  hook: (emitter: Emitter, event: string) => void,
): void {
  // `once` and `prependOnceListener` go through these three.
  for (const name of ["on", "addListener", "prependListener"] as const) {
    const add = EventEmitter.prototype[name];
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: function (this: Emitter, event: string, listener: Listener) {
        hook(this, event);
        return add.call(this, event, listener);
      },
    });
  }
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
