/**
 * Counts bytes and the runs of equal bytes in a stream, so that a test can see a hole, a repetition
 * or a change of order in 64 MiB without keeping them.
 *
 * @module
 */

/** One run: the byte and how often it came in a row. */
export type ByteRun = [byte: number, length: number];

/**
 * Runs that are kept. A stream of changing bytes has a run per byte, which must not fill memory; no
 * scenario looks at more than a thousand.
 */
const MAX_RUNS = 10_000;

/** Running total and runs of what was {@linkcode ByteRuns.add | added}. */
export class ByteRuns {
  /** Bytes seen so far. */
  total = 0;
  /** The runs seen so far, at most 10,000 of them. */
  readonly runs: ByteRun[] = [];

  /** Counts one chunk; a run may go on from the chunk before. */
  add(chunk: Uint8Array): void {
    this.total += chunk.length;
    let start = 0;
    while (start < chunk.length) {
      const end = runEnd(chunk, start);
      this.#extend(chunk[start] ?? 0, end - start);
      start = end;
    }
  }

  #extend(byte: number, length: number): void {
    const last = this.runs.at(-1);
    if (last !== undefined && last[0] === byte) last[1] += length;
    else if (this.runs.length < MAX_RUNS) this.runs.push([byte, length]);
  }
}

/** Index after the run that starts at `start`. */
function runEnd(chunk: Uint8Array, start: number): number {
  const byte = chunk[start];
  const length = chunk.length;
  let index = start + 1;
  while (index < length && chunk[index] === byte) index++;
  return index;
}
