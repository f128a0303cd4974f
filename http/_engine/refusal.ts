/** The response to what is not understood or not taken. @module */

import { fieldLine, statusLine } from "./head_writer.ts";
import { REASON_PHRASES } from "./reason_phrases.ts";

/**
 * A response that says why, as it should (RFC 9110, sections 15.5 and 15.6), and is the last of its
 * connection; with `withContent` false, as an answer to HEAD, without the explanation itself.
 */
export function refusal(status: number, why: string, date: string, withContent: boolean): string {
  const text = `${why === "" ? REASON_PHRASES[status] : why}\n`;
  const head = statusLine(status, "") + fieldLine("date", date) +
    "connection: close\r\ncontent-type: text/plain;charset=UTF-8\r\n" +
    `content-length: ${text.length}\r\n\r\n`;
  return withContent ? head + text : head;
}
