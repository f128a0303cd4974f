/** Plays a server of `node:net` to a client, by a script that is data. @module */

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { everySplit } from "../splits.ts";
import { FrameLog, join } from "./frames.ts";

/** A case for a client that echoes every message. */
export interface ClientCase {
  readonly name: string;
  /** Status line and fields of the answer; what is undefined is left out. */
  readonly line?: string;
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Sent after the answer's head. */
  readonly send?: readonly Uint8Array[];
  /** In one segment with the head; in every split otherwise. */
  readonly early?: boolean;
  readonly splits?: boolean;
  /** The subprotocols to offer. */
  readonly protocols?: readonly string[];
  /** Whether to offer compression. */
  readonly compression?: boolean;
  /** The frames that have to come from the client. */
  readonly expect?: readonly string[];
  /** What the client says about the end: its code, or that of the error before it opened. */
  readonly end: number | string;
  /** The server ends right after it sent all. */
  readonly abrupt?: "end" | "reset";
}

/** What a client says when all is over: the close code, or the code of what kept it from opening. */
export type RunClient = (port: number, given: ClientCase) => Promise<number | string>;

function answerTo(request: string, { line, fields }: ClientCase): Uint8Array {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const all = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": accept,
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().map((value) => `${name}: ${value}\r\n`)
  ).join("").replaceAll("ACCEPT", accept);
  const text = `${line ?? "HTTP/1.1 101 Switching Protocols"}\r\n${lines}\r\n`;
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function serveOne(socket: Socket, given: ClientCase, sends: readonly Uint8Array[]) {
  const log = new FrameLog(true, true);
  let request = "";
  let answered = false;
  socket.setNoDelay(true);
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  const answer = async () => {
    const head = answerTo(request, given);
    if (given.early) await write(join(head, ...sends));
    else for (const bytes of [head, ...sends]) await write(bytes);
    if (given.abrupt === "end" || given.line !== undefined) socket.end();
    if (given.abrupt === "reset") socket.resetAndDestroy();
  };
  socket.on("error", () => {});
  socket.on("end", () => socket.end());
  socket.on("data", (chunk: Uint8Array) => {
    if (answered) {
      log.push(chunk);
      // The server ends first, once both close frames were seen.
      if (log.closed) socket.end();
      return;
    }
    request += Array.from(chunk, (byte) => String.fromCharCode(byte)).join("");
    if (!request.endsWith("\r\n\r\n")) return;
    answered = true;
    answer();
  });
  await closed;
  return log;
}

async function play(run: RunClient, given: ClientCase, sends: readonly Uint8Array[]) {
  let done!: (log: FrameLog) => void;
  const logged = new Promise<FrameLog>((resolve) => done = resolve);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serveOne(socket, given, sends).then(done);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const end = await run((server.address() as AddressInfo).port, given);
  const log = await logged;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (end !== given.end) return `ended by ${end} instead of ${given.end}; ${log.words}`;
  const [got, wanted] = [log.words.join(" | "), (given.expect ?? []).join(" | ")];
  if (got !== wanted) return `got ${got} instead of ${wanted}`;
  return log.faults.length > 0 ? log.faults.join(", ") : null;
}

/** Plays all cases, and gives what went wrong. */
export async function runClientCases(
  run: RunClient,
  cases: readonly ClientCase[],
): Promise<string[]> {
  const faults: string[] = [];
  const jobs = cases.flatMap((given) => {
    const ways = given.splits ? [...everySplit(join(...given.send ?? []))] : [];
    return [given.send ?? [], ...ways].map((sends) => ({ given, sends }));
  });
  const worker = async () => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const fault = await play(run, job.given, job.sends);
      if (fault !== null) faults.push(`${job.given.name} (${job.sends.length} writes): ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return faults;
}
