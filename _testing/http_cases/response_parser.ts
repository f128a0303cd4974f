/**
 * A strict reader of responses for the conformance suites: it takes nothing that a sender must not
 * generate (RFC 9110 and RFC 9112), and tells each fault in words.
 *
 * @module
 */

/** A response as read. */
export interface ReadResponse {
  /** The minor version: 0 or 1. */
  readonly minor: number;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Content without framing. */
  body: string;
  readonly trailers: (readonly [name: string, value: string])[];
  /** The 1xx answers before it. */
  readonly interim: readonly ReadResponse[];
  /** What is wrong with it. */
  readonly faults: string[];
  /** How its content ends. */
  framing: "none" | "length" | "chunked" | "close";
  /** All of it has come. */
  complete: boolean;
}

/** All that has been read of a connection. */
export interface ReadAnswers {
  /** The final answers; the last one may be incomplete. */
  readonly finals: ReadResponse[];
  /** Interim answers that no final one followed yet. */
  readonly interim: ReadResponse[];
  /** A fault that made reading on impossible. */
  readonly broken: string | null;
  /** Bytes that are the beginning of something. */
  readonly rest: string;
}

// RFC 9112, section 4; the space after the status is there even if the reason phrase is not.
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/;
// RFC 9112, section 5; RFC 9110, sections 5.1 and 5.5.
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;
// RFC 9110, section 5.6.7.
const IMF_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,13})(;[^\r\n]*)?$/;

/** The values of the lines with a name, given in small letters. */
export function valuesOf(response: Pick<ReadResponse, "fields">, name: string): string[] {
  return response.fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
}

/** Whether a response says that the connection ends with it. */
export function saysClose(response: ReadResponse): boolean {
  return connectionOptions(response).includes("close");
}

/** The options of Connection in small letters. */
export function connectionOptions(response: ReadResponse): string[] {
  return valuesOf(response, "connection").join(",").toLowerCase().split(",").map((one) =>
    one.trim()
  );
}

class Broken extends Error {}

/** Reads what has come; `methods` are the methods of the requests, GET where there is none. */
export function readAnswers(
  text: string,
  methods: readonly (string | undefined)[],
  ended: boolean,
): ReadAnswers {
  const finals: ReadResponse[] = [];
  let interim: ReadResponse[] = [];
  let at = 0;
  try {
    while (at < text.length) {
      const endOfHead = text.indexOf("\r\n\r\n", at);
      if (endOfHead === -1) {
        checkBeginning(text.slice(at));
        break;
      }
      const response = readHead(text.slice(at, endOfHead), interim);
      at = endOfHead + 4;
      if (response.status < 200) {
        checkInterim(response);
        interim.push(response);
        continue;
      }
      interim = [];
      finals.push(response);
      at = readContent(response, text, at, methods[finals.length - 1] ?? "GET", ended);
      if (!response.complete) break;
      if (response.framing === "close") at = text.length;
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { finals, interim, broken: error.message, rest: text.slice(at) };
  }
  return { finals, interim, broken: null, rest: text.slice(at) };
}

function checkBeginning(text: string): void {
  const start = "HTTP/1.";
  const length = Math.min(text.length, start.length);
  if (text.slice(0, length) !== start.slice(0, length)) {
    throw new Broken(`no status line: ${JSON.stringify(text.slice(0, 60))}`);
  }
}

function readHead(head: string, interim: readonly ReadResponse[]): ReadResponse {
  const [first = "", ...lines] = head.split("\r\n");
  const line = STATUS_LINE.exec(first);
  if (line === null) throw new Broken(`bad status line: ${JSON.stringify(first.slice(0, 80))}`);
  const faults: string[] = [];
  const fields = lines.map((text) => readField(text, faults));
  return {
    minor: Number(line[1]),
    status: Number(line[2]),
    reason: line[3] ?? "",
    fields,
    body: "",
    trailers: [],
    interim,
    faults,
    framing: "none",
    complete: false,
  };
}

function readField(line: string, faults: string[]): readonly [string, string] {
  const field = FIELD_LINE.exec(line);
  if (field === null) {
    faults.push(`bad field line ${JSON.stringify(line.slice(0, 80))}`);
    return ["", ""];
  }
  return [field[1] ?? "", field[2] ?? ""];
}

function checkInterim(response: ReadResponse): void {
  response.complete = true;
  for (const name of ["content-length", "transfer-encoding"]) {
    if (valuesOf(response, name).length > 0) response.faults.push(`${name} in 1xx`);
  }
  if (response.status === 101) throw new Broken("101 that nobody asked for");
}

/** Faults of the head of a final answer; gives the declared length or -1. */
function checkFraming(response: ReadResponse, method: string): number {
  const { faults, status } = response;
  const lengths = valuesOf(response, "content-length");
  const codings = valuesOf(response, "transfer-encoding");
  if (lengths.length > 1) faults.push("more than one Content-Length");
  if (lengths.some((value) => !/^\d{1,15}$/.test(value))) faults.push("bad Content-Length");
  if (codings.length > 1) faults.push("more than one Transfer-Encoding");
  if (codings.some((value) => value.toLowerCase() !== "chunked")) {
    faults.push("bad Transfer-Encoding");
  }
  if (lengths.length > 0 && codings.length > 0) faults.push("both framings");
  const framed = lengths.length + codings.length > 0;
  // RFC 9110, section 8.6; RFC 9112, section 6.1.
  if (status === 204 && framed) faults.push("framing fields in 204");
  if (method === "CONNECT" && status < 300 && framed) faults.push("framing fields for CONNECT");
  // RFC 9110, section 15.3.6: a server must not generate content in a 205.
  if (status === 205 && lengths.some((value) => Number(value) > 0)) faults.push("content in 205");
  checkDate(response);
  return lengths.length > 0 ? Number(lengths[0]) : -1;
}

/** A missing Date is no fault here, since only some errors need one; a wrong one is. */
function checkDate(response: ReadResponse): void {
  const dates = valuesOf(response, "date");
  if (dates.length > 1) response.faults.push("more than one Date");
  if (dates.some((value) => !IMF_DATE.test(value))) response.faults.push("bad Date");
}

function readContent(
  response: ReadResponse,
  text: string,
  at: number,
  method: string,
  ended: boolean,
): number {
  const length = checkFraming(response, method);
  const { status } = response;
  const bodiless = method === "HEAD" || status === 204 || status === 304 ||
    (method === "CONNECT" && status < 300);
  if (bodiless) {
    response.complete = true;
    return at;
  }
  if (valuesOf(response, "transfer-encoding").length > 0) return readChunks(response, text, at);
  if (length >= 0) {
    response.framing = "length";
    response.body = text.slice(at, at + length);
    response.complete = response.body.length === length;
    return at + response.body.length;
  }
  response.framing = "close";
  response.body = text.slice(at);
  response.complete = ended;
  return text.length;
}

function readChunks(response: ReadResponse, text: string, from: number): number {
  response.framing = "chunked";
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return text.length;
    const line = CHUNK_LINE.exec(text.slice(at, lineEnd));
    if (line === null) {
      throw new Broken(`bad chunk line: ${JSON.stringify(text.slice(at, lineEnd).slice(0, 60))}`);
    }
    const size = parseInt(line[1] ?? "", 16);
    at = lineEnd + 2;
    if (size === 0) return readTrailers(response, text, at);
    response.body += text.slice(at, at + size);
    if (text.length < at + size + 2) return text.length;
    if (text.slice(at + size, at + size + 2) !== "\r\n") throw new Broken("no CRLF after chunk");
    at += size + 2;
  }
}

function readTrailers(response: ReadResponse, text: string, from: number): number {
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return text.length;
    const line = text.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === "") {
      response.complete = true;
      return at;
    }
    const field = readField(line, response.faults);
    // RFC 9110, section 6.5.1: nothing that frames or routes may be a trailer.
    if (/^(content-length|transfer-encoding|host|trailer|connection)$/i.test(field[0])) {
      response.faults.push(`forbidden trailer ${field[0]}`);
    }
    response.trailers.push(field);
  }
}
