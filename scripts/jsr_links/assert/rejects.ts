import { AssertionError, suffix } from "./assertion_error.ts";
import { assertExpected, type ErrorClass, expectationOf } from "./is_error.ts";

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/** Calls `fn`, which has to return a promise: the real package refuses one that throws. */
function promiseFrom(fn: () => PromiseLike<unknown>, msg?: string): PromiseLike<unknown> {
  let result: unknown;
  try {
    result = fn();
  } catch {
    throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`);
  }
  if (isPromise(result)) return result;
  throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`);
}

/** Rejects unless the promise of `fn` rejects; resolves to the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Rejects unless the promise of `fn` rejects with an error of the class; resolves to it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expectation = expectationOf(classOrMsg, msgIncludes, msg);
  const promise = promiseFrom(fn, expectation.msg);
  try {
    await promise;
  } catch (error) {
    assertExpected(error, expectation, "rejected");
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(expectation.msg)}`);
}
