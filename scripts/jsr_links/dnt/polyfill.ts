/** Name of the module below `src/` that adds what Node 20 lacks. */
export const POLYFILL_MODULE = "_dnt.polyfills.ts";

/** Its text. Only modules that call `Promise.withResolvers` import it, as in the real package. */
export const POLYFILL_TEXT = `declare global {
  interface PromiseConstructor {
    withResolvers<T>(): {
      promise: Promise<T>;
      resolve: (value: T | PromiseLike<T>) => void;
      reject: (reason?: unknown) => void;
    };
  }
}

if (!("withResolvers" in Promise)) {
  Object.defineProperty(Promise, "withResolvers", {
    configurable: true,
    writable: true,
    value: function <T>(this: PromiseConstructor) {
      let resolve: unknown, reject: unknown;
      const promise = new this<T>((onResolve, onReject) => {
        resolve = onResolve;
        reject = onReject;
      });
      return { promise, resolve, reject };
    },
  });
}

export {};
`;
