/** Ways to cut a sample, so that no parser depends on where a read happens to end. @module */

/** The sample whole, byte by byte, and in every split in two. */
export function* everySplit(sample: Uint8Array): Generator<Uint8Array[]> {
  yield [sample];
  if (sample.length < 2) return;
  yield Array.from(sample, (byte) => new Uint8Array([byte]));
  for (let at = 1; at < sample.length; at++) yield [sample.slice(0, at), sample.slice(at)];
}
