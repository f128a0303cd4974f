import { AssertionError } from "./assertion_error.ts";
import { show } from "./show.ts";

function compare<T>(holds: boolean, actual: T, sign: string, expected: T, msg?: string): void {
  if (!holds) throw new AssertionError(msg ?? `Expect ${show(actual)} ${sign} ${show(expected)}`);
}

/** Throws unless `actual` is greater. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  compare(actual > expected, actual, ">", expected, msg);
}

/** Throws unless `actual` is greater or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compare(actual >= expected, actual, ">=", expected, msg);
}

/** Throws unless `actual` is less. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  compare(actual < expected, actual, "<", expected, msg);
}

/** Throws unless `actual` is less or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compare(actual <= expected, actual, "<=", expected, msg);
}
