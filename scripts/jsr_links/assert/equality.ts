import { AssertionError, suffix } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { show } from "./show.ts";

function difference(actual: unknown, expected: unknown): string {
  return `\n\n  actual:   ${show(actual)}\n  expected: ${show(expected)}\n`;
}

/** Throws unless both values have the same type and content, at every depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}${difference(actual, expected)}`,
  );
}

/** Throws if both values have the same type and content, at every depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} not to be: ${show(expected)}${suffix(msg)}`,
  );
}

/** Throws unless both are the same value, as `Object.is` sees it. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const shown = show(actual);
  throw new AssertionError(
    shown === show(expected)
      ? `Values have the same structure but are not reference-equal${suffix(msg)}\n\n${shown}\n`
      : `Values are not strictly equal${suffix(msg)}${difference(actual, expected)}`,
  );
}
