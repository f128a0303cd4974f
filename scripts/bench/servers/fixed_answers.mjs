// @ts-check
// The answers of the servers that do not read what they are asked.
import { HELLO, TEXT } from "./http_content.mjs";

const HEAD = [
  "HTTP/1.1 200 OK",
  `content-type: ${TEXT}`,
  "date: Thu, 01 Jan 2026 00:00:00 GMT",
  `content-length: ${HELLO.length}`,
];
const ANSWER = HEAD.join("\r\n") + "\r\n\r\n" + HELLO;

/** Answers to so many requests, by their number. */
const answers = Array.from({ length: 65 }, (_, n) => new TextEncoder().encode(ANSWER.repeat(n)));

const CR = 13;
const LF = 10;

/**
 * The bytes to send for a chunk that holds whole heads.
 * @param {Uint8Array} chunk
 */
export function fixedAnswers(chunk) {
  let heads = 0;
  for (let i = chunk.indexOf(LF); i >= 0; i = chunk.indexOf(LF, i + 1)) {
    if (chunk[i - 2] === LF && chunk[i - 1] === CR) heads++;
  }
  return /** @type {Uint8Array} */ (answers[heads]);
}
