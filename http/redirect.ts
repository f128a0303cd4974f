/** Redirects: whether and how to follow one (RFC 9110, section 15.4; the fetch standard, 4.4). @module */

/** What becomes of a request on its way to another place. */
export interface Step {
  /** The method to go on with. */
  readonly method: string;
  /** Whether the content goes along. */
  readonly keepsBody: boolean;
}

/** Whether a status is one of a redirect. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** How a request goes on after a redirect of a status. */
export function stepAfter(status: number, method: string): Step {
  // Everybody made a GET of a POST long before 307 and 308 were there for the other meaning.
  const postMoved = (status === 301 || status === 302) && method === "POST";
  const seeOther = status === 303 && method !== "GET" && method !== "HEAD";
  return postMoved || seeOther ? { method: "GET", keepsBody: false } : { method, keepsBody: true };
}

/** Fields that speak of the content that did not go along. */
const OF_CONTENT = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "expect",
  "trailer",
  "transfer-encoding",
]);

/** Fields that are for the first origin's eyes, or speak of it. */
const OF_ORIGIN = new Set(["authorization", "cookie", "host", "proxy-authorization"]);

/** The fields, flat, that go along. */
export function fieldsAfter(
  fields: readonly string[],
  keepsBody: boolean,
  sameOrigin: boolean,
): string[] {
  const kept: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!.toLowerCase();
    if (!keepsBody && OF_CONTENT.has(name)) continue;
    if (!sameOrigin && OF_ORIGIN.has(name)) continue;
    kept.push(fields[at]!, fields[at + 1]!);
  }
  return kept;
}

/** A location as bytes that were read one letter each: many servers send UTF-8. */
export function readLocation(location: string): string {
  // deno-lint-ignore no-control-regex -- letters above ASCII are what it looks for
  if (/^[\x00-\x7f]*$/.test(location)) return location;
  const bytes = Uint8Array.from(location, (letter) => letter.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return location;
  }
}
