// @ts-check
// What every HTTP server of the benchmark says.

export const HELLO = "Hello, World!";

/** The ten chunks of the stream. */
export const CHUNKS = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(100));

export const TEXT = "text/plain;charset=UTF-8";
