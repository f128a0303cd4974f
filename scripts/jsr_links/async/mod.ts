/**
 * Stands in for the part of `@std/async` that this project uses, where JSR cannot be reached.
 * Same names, signatures and behaviour as the real package.
 *
 * @module
 */

export { abortable } from "./abortable.ts";
export { deadline, type DeadlineOptions } from "./deadline.ts";
export { delay, type DelayOptions } from "./delay.ts";
export { retry, RetryError, type RetryOptions } from "./retry.ts";
