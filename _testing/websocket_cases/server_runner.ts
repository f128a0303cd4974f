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

/** The request of a handshake as it should be, with an offer. */
export function handshake(offer?: string): string {
  const extensions = offer === undefined ? "" : `Sec-WebSocket-Extensions: ${offer}\r\n`;
  return "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`;
}

function latin1(text: string): Uint8Array {
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

/** Sends a request and gives the head of the answer. */
export function ask(port: number, request: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let bytes: Uint8Array = new Uint8Array(0);
    let answer: Answer | null = null;
    socket.on("connect", () => socket.write(latin1(request)));
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

/** What one connection gave: null if it is as the case wants it. */
function play(port: number, given: ServerCase, sends: readonly Uint8Array[]) {
  return new Promise<string | null>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const log = new FrameLog(false, given.serverForgets !== true);
    const closes = given.expect.some((word) => word.startsWith("close"));
    const expected = closes ? given.expect : [...given.expect, "close 1000"];
    let head: Uint8Array | null = new Uint8Array(0);
    let answer: Answer | null = null;
    let asked = false;
    let error = "";
    socket.setNoDelay(true);
    socket.on("error", (cause) => error = cause.message);
    socket.on("connect", () => {
      const early = given.early === true ? sends : [];
      socket.write(join(latin1(handshake(given.offer)), ...early));
    });
    const next = () => {
      // What is wrong by now would otherwise be waited for.
      if (!expected.join(" | ").startsWith(log.words.join(" | "))) socket.destroy();
      if (closes || asked || log.words.length < given.expect.length) return;
      asked = true;
      socket.write(frame({ opcode: 8, payload: closing(1000) }));
    };
    const begin = async () => {
      if (given.early !== true) { for (const bytes of sends) await write(socket, bytes); }
      next();
    };
    socket.on("data", (chunk: Uint8Array) => {
      let rest = chunk;
      if (head !== null) {
        head = join(head, chunk);
        const read = readHead(head);
        if (read === null) return;
        answer = read.answer;
        rest = head.slice(read.end);
        head = null;
        log.push(rest);
        begin();
      } else log.push(rest);
      next();
    });
    // The server ends first (RFC 6455, section 7.1.1): nothing of ours does.
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      const got = log.words.join(" | ");
      const wanted = expected.join(" | ");
      const extension = answer?.fields.get("sec-websocket-extensions") ?? null;
      if (answer?.status !== 101) resolve(`status ${answer?.status} ${error}`);
      else if (given.answer !== undefined && extension !== given.answer) {
        resolve(`extensions ${extension} instead of ${given.answer}`);
      } else if (got !== wanted) resolve(`got ${got} ${error} instead of ${wanted}`);
      else if (log.faults.length > 0 || log.rest > 0) resolve(`${log.faults} ${log.rest}`);
      else if (error !== "") resolve(error);
      else resolve(null);
    });
  });
}

/** Plays all cases, and gives what went wrong. */
export async function runServerCases(
  portOf: (given: ServerCase) => number,
  cases: readonly ServerCase[],
): Promise<string[]> {
  const faults: string[] = [];
  const jobs = cases.flatMap((given) => {
    const ways = given.splits ? [...everySplit(join(...given.send))] : [];
    return [given.send, ...ways].map((sends) => ({ given, sends }));
  });
  const worker = async () => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const fault = await play(portOf(job.given), job.given, job.sends);
      if (fault !== null) faults.push(`${job.given.name} (${job.sends.length} writes): ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  return faults;
}
