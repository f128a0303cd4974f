import { inspect } from "node:util";

/** A value as text for a message, with its keys in order. */
export function show(value: unknown): string {
  return inspect(value, {
    depth: Infinity,
    sorted: true,
    getters: true,
    maxArrayLength: 200,
    maxStringLength: 2000,
  });
}
