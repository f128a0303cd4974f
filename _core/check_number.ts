/** Checks of the numbers that callers give: limits, times, sizes. @module */

import { netError } from "./errors.ts";

/** The least and the most that a number may be. */
export type Range = readonly [least: number, most: number];

const NOT_NEGATIVE: Range = [0, Infinity];

function isWithin(value: unknown, [least, most]: Range): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

function outOfRange(name: string, value: unknown, kind: string, [least, most]: Range): Error {
  const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`;
  return netError(
    "ERR_OUT_OF_RANGE",
    `Cannot use ${name} ${String(value)}: it is not ${kind}${range}`,
  );
}

/**
 * A number within a range, 0 or more unless it is told otherwise; where it is left out `fallback`,
 * if there is one. Infinity may stand for no limit. Throws a RangeError (`ERR_OUT_OF_RANGE`).
 */
export function checkNumber(
  name: string,
  value: unknown,
  fallback: number | undefined,
  range: Range = NOT_NEGATIVE,
): number {
  if (value === undefined && fallback !== undefined) return fallback;
  if (isWithin(value, range)) return value;
  throw outOfRange(name, value, "", range);
}

/** An integer within a range. Throws a RangeError (`ERR_OUT_OF_RANGE`). */
export function checkInteger(name: string, value: unknown, range: Range): number {
  if (isWithin(value, range) && Number.isInteger(value)) return value;
  throw outOfRange(name, value, "an integer ", range);
}
