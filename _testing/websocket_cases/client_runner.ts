/** Plays a server of `node:net` to a client, by a script that is data. @module */

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { everySplit } from "../splits.ts";
import type { ClientCase, ClientEnd } from "./client_case.ts";
import { FrameLog, join } from "./frames.ts";

/** Connects, echoes until all is over, and tells how it ended. */
export type RunClient = (port: number, given: ClientCase) => Promise<ClientEnd>;

/** Time in ms after which a client that should have ended is cut off. */
const LONGEST = 3_000;

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function acceptOf(request: string): string {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function answerTo(request: string, { line, fields, raw, before = "" }: ClientCase): Uint8Array {
  const accept = acceptOf(request);
  const all = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": "<accept>",
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().map((value) => `${name}: ${value}\r\n`)
  ).join("");
  const text = raw ?? `${line ?? "HTTP/1.1 101 Switching Protocols"}\r\n${lines}\r\n`;
  return latin1(before + text.replaceAll("<accept>", accept));
}

/** What a request of a client has to be (RFC 6455, section 4.1): what is wrong with this one. */
function faultsOf(request: string, { protocols = [], offer }: ClientCase): string[] {
  const [line, ...lines] = request.split("\r\n").filter((part) => part !== "");
  const fields = new Map<string, string>();
  const faults: string[] = [];
  for (const field of lines) {
    const at = field.indexOf(":");
    const name = field.slice(0, at).toLowerCase();
    if (fields.has(name)) faults.push(`two fields ${name}`);
    fields.set(name, field.slice(at + 1).trim());
  }
  const expected: [string, RegExp][] = [
    ["host", /^127\.0\.0\.1:\d+$/],
    ["upgrade", /^websocket$/i],
    ["connection", /^upgrade$/i],
    ["sec-websocket-version", /^13$/],
    ["sec-websocket-key", /^[A-Za-z0-9+/]{21}[AQgw]==$/],
  ];
  if (line !== "GET / HTTP/1.1") faults.push(`the request line ${line}`);
  for (const [name, value] of expected) {
    if (!value.test(fields.get(name) ?? "")) faults.push(`${name} is ${fields.get(name)}`);
  }
  if ((fields.get("sec-websocket-protocol") ?? "") !== protocols.join(", ")) {
    faults.push("subprotocols that are not those given");
  }
  const extensions = fields.get("sec-websocket-extensions");
  if (offer !== undefined && extensions !== offer) faults.push(`the offer ${extensions}`);
  for (const name of ["origin", "content-length", "transfer-encoding"]) {
    if (fields.has(name)) faults.push(`a field ${name}`);
  }
  return faults;
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => resolve()));
}

/** One turn of the event loop: what has come is read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** One connection of the scripted server. */
class Script {
  readonly log: FrameLog;
  readonly #socket: Socket;
  readonly #given: ClientCase;
  readonly #sends: readonly Uint8Array[];
  #request = "";
  #answered = false;
  #ended = false;

  constructor(socket: Socket, given: ClientCase, sends: readonly Uint8Array[]) {
    this.log = new FrameLog(true, !given.clientForgets, given.clientWindow);
    this.#socket = socket;
    this.#given = given;
    this.#sends = sends;
  }

  /** Resolves when the connection has closed. */
  run(): Promise<void> {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("end", () => this.#onEnd());
    socket.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    const deadline = setTimeout(() => {
      this.log.faults.push("the client did not end in time");
      socket.destroy();
    }, LONGEST);
    return new Promise((resolve) =>
      socket.on("close", () => {
        clearTimeout(deadline);
        resolve();
      })
    );
  }

  /** Whether the connection ends well, by close frames: then the server ends it (section 7.1.1). */
  get #endsWell(): boolean {
    const { end, abrupt } = this.#given;
    return typeof end === "number" && end !== 1006 && abrupt === undefined;
  }

  #onData(chunk: Uint8Array): void {
    if (this.#answered) {
      this.log.push(chunk);
      this.#next();
      return;
    }
    this.#request += Array.from(chunk, (byte) => String.fromCharCode(byte)).join("");
    if (!this.#request.endsWith("\r\n\r\n")) return;
    this.#answered = true;
    this.log.faults.push(...faultsOf(this.#request, this.#given));
    this.#answer();
  }

  #onEnd(): void {
    if (this.#endsWell && !this.#ended) this.log.faults.push("the client ended first");
    this.#socket.end();
  }

  async #answer(): Promise<void> {
    const given = this.#given;
    const socket = this.#socket;
    const head = answerTo(this.#request, given);
    if (given.bytewise) {
      for (const byte of join(head, ...this.#sends)) await write(socket, Uint8Array.of(byte));
    } else if (given.early) await write(socket, join(head, ...this.#sends));
    else {
      await write(socket, head);
      if (given.after !== undefined) return;
      for (const bytes of this.#sends) await write(socket, bytes);
    }
    this.#cut();
  }

  /** The client's frames move the script on. */
  async #next(): Promise<void> {
    const { after } = this.#given;
    if (after !== undefined && this.log.words.length === after) {
      for (const bytes of this.#sends) await write(this.#socket, bytes);
      this.#cut();
    }
    if (!this.log.closed || !this.#endsWell || this.#ended) return;
    // A client that would end too early has the time to do so.
    await turn();
    await turn();
    this.#ended = true;
    this.#socket.end();
  }

  #cut(): void {
    const { abrupt, end } = this.#given;
    if (abrupt === "end" || end === "ERR_WS_REFUSED") this.#socket.end();
    if (abrupt === "reset") this.#socket.resetAndDestroy();
  }
}

async function play(run: RunClient, given: ClientCase, sends: readonly Uint8Array[]) {
  let done!: (log: FrameLog) => void;
  const logged = new Promise<FrameLog>((resolve) => done = resolve);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const script = new Script(socket, given, sends);
    script.run().then(() => done(script.log));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { end, reason, wasClean } = await run((server.address() as AddressInfo).port, given);
  const log = await logged;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const [got, wanted] = [log.words.join(" | "), (given.expect ?? []).join(" | ")];
  if (end !== given.end) return `ended by ${end} instead of ${given.end}; ${log.words}`;
  if (got !== wanted) return `got ${got} instead of ${wanted}`;
  if (reason !== (given.reason ?? "")) return `the reason ${reason}`;
  if (wasClean !== (typeof end === "number" && end !== 1006)) return `wasClean ${wasClean}`;
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
