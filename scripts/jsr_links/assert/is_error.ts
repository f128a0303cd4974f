import { AssertionError, suffix } from "./assertion_error.ts";

/** A class of errors, as the assertions take it. */
export type ErrorClass<E extends Error> = new (...args: never[]) => E;

/** What a caller of `assertThrows` or `assertRejects` asks of the error. */
export interface Expectation<E extends Error> {
  /** The class it has to be an instance of. */
  errorClass?: ErrorClass<E>;
  /** A part of its message. */
  msgIncludes?: string;
  /** The caller's own words for the failure. */
  msg?: string;
}

/** Sorts out the two call forms: `(fn, msg?)` and `(fn, Class, msgIncludes?, msg?)`. */
export function expectationOf<E extends Error>(
  classOrMsg: ErrorClass<E> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation<E> {
  if (typeof classOrMsg === "string") return { msg: classOrMsg };
  return {
    ...(classOrMsg && { errorClass: classOrMsg }),
    ...(msgIncludes && { msgIncludes }),
    ...(msg && { msg }),
  };
}

/** Throws unless the error is as expected. A part of a message counts only beside a class. */
export function assertExpected<E extends Error>(
  error: unknown,
  expectation: Expectation<E>,
  how: "thrown" | "rejected",
): void {
  const { errorClass, msgIncludes, msg } = expectation;
  if (!errorClass) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(`A non-Error object was ${how}${suffix(msg)}`);
  }
  if (!(error instanceof errorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${errorClass.name}", ` +
        `but was "${error.constructor.name}"${suffix(msg)}`,
    );
  }
  if (msgIncludes && !error.message.includes(msgIncludes)) {
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(msgIncludes)}, ` +
        `but got ${JSON.stringify(error.message)}${suffix(msg)}`,
    );
  }
}
