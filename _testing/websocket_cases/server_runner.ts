/** Plays cases against a server, on sockets of `node:net`. @module */

import { connect, type Socket } from "node:net";
import { everySplit } from "../splits.ts";
import type { ServerCase } from "./case.ts";
import { closing, frame, FrameLog, join } from "./frames.ts";

/** What a server said to a handshake. */
export interface Answer {
  readonly status: number;
  /** Its head, in small letters but for values. */
  readonly fields: ReadonlyMap<string, string>;
  /** Whether it ended the connection, seen only when it did not open. */
  readonly head: string;
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** Time in ms after which a server that should have ended is cut off. */
const LONGEST = 3_000;

/** What the server told about connections that have closed, by the path of their requests. */
export class CloseReports {
  readonly #waiting = new Map<string, (report: string) => void>();
  #paths = 0;

  /** Gives a path of its own, and what will be told about it. */
  expect(): { path: string; told: Promise<string> } {
    const path = `/${this.#paths++}`;
    return { path, told: new Promise((resolve) => this.#waiting.set(path, resolve)) };
  }

  /** A connection has closed. */
  tell(url: string, code: number, reason: string, wasClean: boolean): void {
    const clean = wasClean === (code !== 1006);
    const text = `${code}${reason === "" ? "" : ` ${reason}`}${
      clean ? "" : ` wasClean ${wasClean}`
    }`;
    this.#waiting.get(new URL(url).pathname)?.(text);
  }
}

/** The request of a handshake as it should be, with an offer. */
export function handshake(offer?: string, path = "/"): string {
  const extensions = offer === undefined ? "" : `Sec-WebSocket-Extensions: ${offer}\r\n`;
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`;
}

/** Each character as the byte of its number. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function readHead(bytes: Uint8Array): { answer: Answer; end: number } | null {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = text.slice(0, end);
  const [line, ...lines] = head.split("\r\n");
  const fields = new Map(lines.map((field): [string, string] => {
    const at = field.indexOf(":");
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  }));
  return { answer: { status: Number(line!.split(" ")[1]), fields, head }, end: end + 4 };
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => resolve()));
}

/** Sends a request in pieces, and gives the head of the answer. */
export function ask(port: number, request: readonly Uint8Array[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let bytes: Uint8Array = new Uint8Array(0);
    let answer: Answer | null = null;
    socket.setNoDelay(true);
    socket.on("connect", async () => {
      for (const piece of request) await write(socket, piece);
    });
    socket.on("error", reject);
    socket.on(
      "close",
      () => answer === null ? reject(new Error("There was no answer")) : resolve(answer),
    );
    socket.on("data", (chunk: Uint8Array) => {
      bytes = join(bytes, chunk);
      answer ??= readHead(bytes)?.answer ?? null;
      if (answer !== null) socket.destroy();
    });
  });
}

/** One connection of the scripted client. */
class Script {
  readonly #socket: Socket;
  readonly #given: ServerCase;
  readonly #sends: readonly Uint8Array[];
  readonly #path: string;
  readonly #log: FrameLog;
  readonly #expected: readonly string[];
  /** Whether the case says how it closes; the script closes otherwise. */
  readonly #closes: boolean;
  #head: Uint8Array | null = new Uint8Array(0);
  #answer: Answer | null = null;
  #went = false;
  #error = "";

  constructor(port: number, given: ServerCase, sends: readonly Uint8Array[], path: string) {
    this.#given = given;
    this.#sends = sends;
    this.#path = path;
    this.#log = new FrameLog(false, given.serverForgets !== true, given.serverWindow);
    this.#closes = given.abrupt !== undefined ||
      given.expect.some((word) => word.startsWith("close"));
    this.#expected = this.#closes ? given.expect : [...given.expect, "close 1000"];
    this.#socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  }

  /** Resolves when the connection has closed: null if all was as the case wants it. */
  run(): Promise<string | null> {
    const socket = this.#socket;
    const { early, offer } = this.#given;
    socket.setNoDelay(true);
    socket.on("error", (cause) => this.#error = cause.message);
    socket.on("connect", () => {
      const sends = early === true ? this.#sends : [];
      socket.write(join(latin1(handshake(offer, this.#path)), ...sends));
    });
    socket.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    // The server ends first (RFC 6455, section 7.1.1): nothing of ours does.
    socket.on("end", () => socket.end());
    const deadline = setTimeout(() => {
      this.#error = "the server did not end in time";
      socket.destroy();
    }, LONGEST);
    return new Promise((resolve) =>
      socket.on("close", () => {
        clearTimeout(deadline);
        resolve(this.#judge());
      })
    );
  }

  /** What the server has to say about the end. */
  get report(): string {
    const { report, expect } = this.#given;
    const closed = expect.find((word) => word.startsWith("close"))?.slice("close ".length);
    return report ?? (closed === "" ? "1005" : closed ?? "1000");
  }

  #onData(chunk: Uint8Array): void {
    if (this.#head === null) {
      this.#log.push(chunk);
      this.#next();
      return;
    }
    this.#head = join(this.#head, chunk);
    const read = readHead(this.#head);
    if (read === null) return;
    this.#answer = read.answer;
    this.#log.push(this.#head.slice(read.end));
    this.#head = null;
    this.#begin();
  }

  async #begin(): Promise<void> {
    const { early, abrupt } = this.#given;
    if (early !== true) { for (const bytes of this.#sends) await write(this.#socket, bytes); }
    if (abrupt === "end") this.#socket.end();
    if (abrupt === "reset") this.#socket.resetAndDestroy();
    this.#next();
  }

  async #next(): Promise<void> {
    const { words } = this.#log;
    const { expect, then } = this.#given;
    // What is wrong by now would otherwise be waited for.
    if (!this.#expected.join(" | ").startsWith(words.join(" | "))) this.#socket.destroy();
    if (this.#went || words.length < expect.length) return;
    this.#went = true;
    if (then !== undefined) { for (const bytes of then) await write(this.#socket, bytes); }
    else if (!this.#closes) this.#socket.write(frame({ opcode: 8, payload: closing(1000) }));
  }

  #judge(): string | null {
    const log = this.#log;
    const { answer: extensions, abrupt } = this.#given;
    const got = log.words.join(" | ");
    const wanted = this.#expected.join(" | ");
    const extension = this.#answer?.fields.get("sec-websocket-extensions") ?? null;
    if (this.#answer?.status !== 101) return `status ${this.#answer?.status} ${this.#error}`;
    if (extensions !== undefined && extension !== extensions) {
      return `extensions ${extension} instead of ${extensions}`;
    }
    if (abrupt !== "reset" && got !== wanted) {
      return `got ${got} ${this.#error} instead of ${wanted}`;
    }
    if (log.faults.length > 0 || log.rest > 0) return `${log.faults} ${log.rest}`;
    return this.#error === "" ? null : this.#error;
  }
}

async function play(
  port: number,
  given: ServerCase,
  sends: readonly Uint8Array[],
  reports: CloseReports,
): Promise<string | null> {
  const { path, told } = reports.expect();
  const script = new Script(port, given, sends, path);
  const fault = await script.run();
  if (fault !== null) return fault;
  const report = await told;
  return report === script.report ? null : `reported ${report} instead of ${script.report}`;
}

/** Plays all cases, and gives what went wrong. */
export async function runServerCases(
  portOf: (given: ServerCase) => number,
  cases: readonly ServerCase[],
  reports: CloseReports,
): Promise<string[]> {
  const faults: string[] = [];
  const jobs = cases.flatMap((given) => {
    const ways = given.splits ? [...everySplit(join(...given.send))] : [];
    return [given.send, ...ways].map((sends) => ({ given, sends }));
  });
  const worker = async () => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const fault = await play(portOf(job.given), job.given, job.sends, reports);
      if (fault !== null) faults.push(`${job.given.name} (${job.sends.length} writes): ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  return faults;
}
