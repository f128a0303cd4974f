/**
 * Plays the cases for HTTP clients: a server that follows a script, on a socket of the runtime.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Call, ClientCase, Reply, Wanted } from "./client_case.ts";
import { FIRST } from "./client_case.ts";

/** The client under test. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface Seen {
  readonly text: string;
  readonly connection: number;
}

interface Result {
  readonly response: Response | null;
  readonly body: string;
  readonly error: unknown;
}

/** The path of the call that warms a connection up or probes it. */
const PROBE = "/probe";

/** One server, which follows the script of one case. */
class Script {
  readonly seen: Seen[] = [];
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #replies: Reply[];
  readonly #bytewise: boolean;
  readonly #late: { readonly socket: Socket; readonly bytes: string }[] = [];
  #connections = 0;

  constructor(replies: readonly Reply[], bytewise: boolean) {
    this.#replies = [...replies];
    this.#bytewise = bytewise;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, "0.0.0.0", () => {
        this.port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Sends what was kept for an idle connection, and waits for its end, or long enough. */
  async sendLate(): Promise<void> {
    for (const { socket, bytes } of this.#late.splice(0)) {
      const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      if (bytes === "") socket.end();
      else socket.write(bytesOf(bytes));
      await Promise.race([gone, turns(LATE_TURNS)]);
    }
  }

  #serve(socket: Socket): void {
    const connection = this.#connections++;
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    let text = "";
    socket.on("data", (chunk: { toString(encoding: "latin1"): string }) => {
      text += chunk.toString("latin1");
      for (let end = endOfRequest(text); end !== -1; end = endOfRequest(text)) {
        this.seen.push({ text: text.slice(0, end), connection });
        text = text.slice(end);
        void this.#reply(socket, this.seen.at(-1)!.text);
      }
    });
  }

  async #reply(socket: Socket, request: string): Promise<void> {
    const isProbe = request.startsWith(`GET ${PROBE} `);
    const reply = isProbe ? { bytes: FIRST, then: "keep" } as const : this.#replies.shift();
    if (reply === undefined) return;
    if (typeof reply.then === "object") this.#late.push({ socket, bytes: reply.then.late });
    const text = reply.bytes.replaceAll("PORT", String(this.port));
    const bytes = bytesOf(text);
    const size = this.#bytewise && !isProbe ? 1 : bytes.length;
    for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
      await new Promise<void>((done) => socket.write(bytes.subarray(at, at + size), () => done()));
      if (size === 1) await turns(1);
    }
    if (reply.then === "end") socket.end();
    if (reply.then === "reset") socket.resetAndDestroy();
  }
}

/** Turns of the event loop in which a client sees what came on an idle connection. */
const LATE_TURNS = 200;

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Where the first request of a text ends; -1 when it is not complete. */
function endOfRequest(text: string): number {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return -1;
  const head = text.slice(0, headEnd);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  if (!/^transfer-encoding:/im.test(head)) {
    return text.length >= headEnd + 4 + length ? headEnd + 4 + length : -1;
  }
  const last = text.indexOf("0\r\n\r\n", headEnd + 4);
  return last === -1 ? -1 : last + 5;
}

function initOf({ streamed, body, ...rest }: Omit<Call, "path">): RequestInit {
  if (body === undefined) return rest;
  if (streamed === undefined) return { ...rest, body };
  const init = { ...rest, body: new Blob([body]).stream(), duplex: "half" as const };
  return init;
}

async function call(fetch: Fetch, port: number, { path = "/", ...call }: Call): Promise<Result> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, initOf(call));
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { response, body: String.fromCharCode(...bytes.subarray(0, 10_000)), error: null };
  } catch (error) {
    return { response: null, body: "", error };
  }
}

function compare(wanted: Wanted, { response, body, error }: Result, seen: readonly Seen[]): string {
  const complaint = compareRequests(wanted, seen);
  if (complaint !== "") return complaint;
  if (wanted.fails) return response === null ? "" : `${response.status} ${body.slice(0, 80)}`;
  if (response === null) return `it failed: ${String(error)}`;
  if (wanted.status !== undefined && response.status !== wanted.status) {
    return `status ${response.status}`;
  }
  const { body: content, redirected } = wanted;
  if (typeof content === "string" ? body !== content : content?.test(body) === false) {
    return `content ${JSON.stringify(body.slice(0, 80))}`;
  }
  if (redirected !== undefined && response.redirected !== redirected) return "redirected";
  if (wanted.url?.test(response.url) === false) return `url ${response.url}`;
  const { reason = response.statusText, bodyless = response.body === null } = wanted;
  if (reason !== response.statusText) return `reason ${JSON.stringify(response.statusText)}`;
  if (bodyless !== (response.body === null)) return `body ${String(response.body)}`;
  const cookies = response.headers.getSetCookie();
  if (String(wanted.cookies ?? cookies) !== String(cookies)) return `cookies ${String(cookies)}`;
  for (const [name, value] of Object.entries(wanted.fields ?? {})) {
    if (response.headers.get(name) !== value) return `${name}: ${response.headers.get(name)}`;
  }
  return "";
}

function compareRequests({ requests }: Wanted, seen: readonly Seen[]): string {
  if (requests === undefined) return "";
  const all = seen.map(({ text }) => text);
  const fit = requests.length === all.length &&
    requests.every((pattern, at) => pattern.test(all[at]!));
  return fit ? "" : `requests ${JSON.stringify(all)}`;
}

async function play(fetch: Fetch, one: ClientCase, bytewise: boolean, strict: boolean) {
  const script = new Script(one.replies, bytewise);
  await script.listen();
  const { port } = script;
  const probe = { path: PROBE };
  if (one.warm) await call(fetch, port, probe);
  const before = script.seen.length;
  const result = await call(fetch, port, one.call);
  const seen = script.seen.slice(before);
  await script.sendLate();
  // Whatever came, the next call is answered by what answers it.
  const next = await call(fetch, port, probe);
  const used = script.seen.at(-1)?.connection === seen.at(-1)?.connection ? "same" : "new";
  await script.close();
  if (next.body !== "first") return `the next call gave ${next.response?.status} ${next.error}`;
  const complaints = one.wanted.slice(0, strict ? one.ours : one.wanted.length).map((wanted) => {
    const complaint = compare(wanted, result, seen);
    if (complaint !== "") return complaint;
    // Not to use a connection again is nobody's fault (RFC 9112, section 9.3).
    const free = wanted.next === undefined || (wanted.next === "same" && !strict);
    return free || wanted.next === used ? "" : `next call: ${used} connection`;
  });
  return complaints.includes("") ? "" : complaints.join("; or ");
}

/** What went wrong with a case. */
export interface ClientFailure {
  readonly id: string;
  readonly level: ClientCase["level"];
  readonly text: string;
}

/** Runs cases one after another; `patience` in ms for each; gives what failed. */
export async function runClientCases(
  makeFetch: () => { fetch: Fetch; close: () => void | Promise<void> },
  cases: readonly ClientCase[],
  { strict, patience, lanes = 16 }: { strict: boolean; patience: number; lanes?: number },
): Promise<ClientFailure[]> {
  const jobs = cases.flatMap((one) => {
    const length = one.replies.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return (one.once || length > 1000 ? [false] : [false, true]).map((bytewise) => ({
      one,
      bytewise,
    }));
  });
  const failures: ClientFailure[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { one, bytewise } = job;
      const { fetch, close } = makeFetch();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve("it hangs"), patience);
      });
      const why = await Promise.race([play(fetch, one, bytewise, strict), late]);
      clearTimeout(timer);
      await close();
      if (why === "") continue;
      const { id, rfc, level } = one;
      const sent = JSON.stringify(one.replies.map(({ bytes, then }) => [bytes, then]));
      const text = `${id} (${level}, RFC ${rfc}${bytewise ? ", bytewise" : ""}): ${why}\n    sent ${
        sent.slice(0, 500)
      }`;
      failures.push({ id, level, text });
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return failures;
}
