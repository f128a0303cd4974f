/**
 * Changes to bytes that keep most of their structure: what is nearly right reaches further into a
 * parser than what is random.
 *
 * @module
 */

import { concat } from "../../_core/bytes.ts";
import type { Random } from "../random.ts";

/** The most bytes of an input: longer ones show nothing new and cost the time of many. */
const MOST_BYTES = 4096;

const LF = 10;

function splice(
  bytes: Uint8Array,
  start: number,
  end: number,
  insert: Uint8Array,
): Uint8Array {
  return concat([bytes.subarray(0, start), insert, bytes.subarray(end)]);
}

function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) starts.push(at + 1);
  return starts;
}

/** The place of a line, from its first byte to behind its end. */
function someLine(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const starts = lineStarts(bytes);
  const line = random.below(starts.length);
  return [starts[line]!, starts[line + 1] ?? bytes.length];
}

function somePart(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + random.small(bytes.length + 2))];
}

type Change = (bytes: Uint8Array, random: Random, words: readonly Uint8Array[]) => Uint8Array;

const NOTHING = new Uint8Array(0);

const CHANGES: readonly Change[] = [
  function flipBit(bytes, random) {
    const changed = bytes.slice();
    const at = random.below(bytes.length);
    changed[at]! ^= 1 << random.below(8);
    return changed;
  },
  function replaceByte(bytes, random) {
    const changed = bytes.slice();
    changed[random.below(bytes.length)] = random.pick([0, 9, 10, 13, 32, 58, 127, 128, 255]);
    return changed;
  },
  function changeDigit(bytes, random) {
    const digits = [...bytes.keys()].filter((at) => bytes[at]! >= 48 && bytes[at]! <= 57);
    if (digits.length === 0) return bytes;
    const changed = bytes.slice();
    changed[random.pick(digits)] = 48 + random.below(10);
    return changed;
  },
  function insertWord(bytes, random, words) {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, random.pick(words));
  },
  function replacePart(bytes, random, words) {
    return splice(bytes, ...somePart(bytes, random), random.pick(words));
  },
  function insertLine(bytes, random, words) {
    const [at] = someLine(bytes, random);
    return splice(bytes, at, at, concat([random.pick(words), Uint8Array.of(13, LF)]));
  },
  function dropPart(bytes, random) {
    return splice(bytes, ...somePart(bytes, random), NOTHING);
  },
  function repeatPart(bytes, random) {
    const [start, end] = somePart(bytes, random);
    return splice(bytes, end, end, bytes.subarray(start, end));
  },
  function dropLine(bytes, random) {
    return splice(bytes, ...someLine(bytes, random), NOTHING);
  },
  function moveLine(bytes, random) {
    const [start, end] = someLine(bytes, random);
    const line = bytes.slice(start, end);
    const rest = splice(bytes, start, end, NOTHING);
    const [at] = someLine(rest, random);
    return splice(rest, at, at, line);
  },
  function repeatLine(bytes, random) {
    const [start, end] = someLine(bytes, random);
    return splice(bytes, end, end, bytes.subarray(start, end));
  },
  function cutEnd(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
];

/** Joins one to four samples, often the same, and changes the whole up to six times. */
export function mutated(
  samples: readonly Uint8Array[],
  words: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  const first = random.pick(samples);
  const repeats = random.oneIn(3);
  const count = 1 + random.small(5);
  const parts = Array.from({ length: count }, () => repeats ? first : random.pick(samples));
  let bytes = concat(parts);
  for (let left = random.below(7); left > 0 && bytes.length > 0; left--) {
    bytes = random.pick(CHANGES)(bytes, random, words);
  }
  return bytes.slice(0, MOST_BYTES);
}

/** Cuts bytes into pieces, copied: sometimes byte by byte, mostly anywhere. */
export function split(bytes: Uint8Array, random: Random): Uint8Array[] {
  if (random.oneIn(8)) return Array.from(bytes, (byte) => Uint8Array.of(byte));
  const most = random.pick([4, 64, bytes.length + 1]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(most));
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  return pieces;
}
