/**
 * Forms as multipart/form-data (RFC 7578), encoded so that the length is known and files are read
 * only when they are sent: many servers take no form without a length.
 *
 * @module
 */

import { utf8, utf8Length } from "../_core/text.ts";

/** An encoded form. */
export interface Multipart {
  /** The value of Content-Type. */
  readonly type: string;
  /** How many bytes it has. */
  readonly length: number;
  /** Its parts in order: text to be encoded, and files. */
  readonly parts: readonly (string | Blob)[];
}

/** Names as the HTML standard escapes them ("multipart/form-data encoding algorithm"). */
function escape(name: string): string {
  return name.replace(/\r\n|\r|\n/g, "%0D%0A").replaceAll('"', "%22");
}

function crlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\r\n");
}

/** Encodes a form with a boundary. */
export function encodeForm(form: FormData, boundary: string): Multipart {
  const parts: (string | Blob)[] = [];
  let text = "";
  for (const [name, value] of form) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escape(crlf(name))}"`;
    if (typeof value === "string") {
      text += `${head}\r\n\r\n${crlf(value)}\r\n`;
      continue;
    }
    // A type is the file's own affair; what cannot be in a line stays out of it.
    const type = /^[\t\x20-\x7e]+$/.test(value.type) ? value.type : "application/octet-stream";
    parts.push(
      `${text}${head}; filename="${escape(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`,
      value,
    );
    text = "\r\n";
  }
  parts.push(`${text}--${boundary}--\r\n`);
  let length = 0;
  for (const part of parts) length += typeof part === "string" ? utf8Length(part) : part.size;
  return { type: `multipart/form-data; boundary=${boundary}`, length, parts };
}

/** A boundary that no content has, for all that chance can do. */
export function makeBoundary(): string {
  return `netstd-${crypto.randomUUID().replaceAll("-", "")}`;
}

/** The encoded form in chunks. */
export async function* readForm({ parts }: Multipart): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (typeof part === "string") yield utf8(part);
    else {
      const reader = part.stream().getReader();
      for (
        let { done, value } = await reader.read();
        !done;
        { done, value } = await reader.read()
      ) {
        yield value!;
      }
    }
  }
}
