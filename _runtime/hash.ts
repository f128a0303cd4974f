/** What the WebSocket handshake and its masks need of the runtime's cryptography. @module */

import { createHash, randomFillSync } from "node:crypto";

/** Random words are made this many at a time: a call for each would cost more than a message. */
const WORDS = 2048;

/** SHA-1 of an ASCII text, in base64. */
export function sha1(text: string): string {
  return createHash("sha1").update(text, "latin1").digest("base64");
}

/** Random bytes in base64. */
export function randomBase64(length: number): string {
  return btoa(String.fromCharCode(...randomFillSync(new Uint8Array(length))));
}

let words: Int32Array | null = null;
let used = WORDS;

/** A random number of 32 bits that nobody can guess. */
export function randomWord(): number {
  if (used === WORDS) {
    words = randomFillSync(words ?? new Int32Array(WORDS));
    used = 0;
  }
  return words![used++]!;
}
