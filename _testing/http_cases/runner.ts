/**
 * Plays cases against a server over sockets of the runtime: no waiting but for events, and one
 * guard against a server that never does what it should.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { everySplit } from "../splits.ts";
import { type Case, closing, must, ok, type Step } from "./case.ts";
import { judge, type Judgement } from "./judge.ts";
import { type ReadAnswers, readAnswers, saysClose } from "./response_parser.ts";
import { KEY, type Stage } from "./stage.ts";

/** Proof that a connection is still in use, and in step. */
const FOLLOW_UP = "GET /follow HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

/** How the bytes of a case were cut. */
export type Way = "whole" | "bytes" | { readonly at: number };

/** What came of one run. */
export interface Played {
  readonly read: ReadAnswers;
  /** The whole text, one letter a byte. */
  readonly text: string;
  /** How the server's side ended; null when the guard had to end it. */
  readonly ended: "eof" | "reset" | null;
  /** The follow-up was sent. */
  readonly followed: boolean;
  readonly notes: readonly string[];
}

/** A server under test. */
export interface Target {
  readonly port: number;
  readonly stage: Stage;
  /** Judges as for a server that is strict: this library's own. */
  readonly strict: boolean;
  /** Milliseconds after which a run has failed. */
  readonly patience: number;
}

/** A run that went wrong. */
export interface Failure {
  readonly id: string;
  readonly rfc: string;
  readonly level: Case["level"];
  readonly way: string;
  readonly why: string;
  readonly sent: string;
  readonly got: string;
}

const ALIVE: Case = must("alive", "9110 1", FOLLOW_UP, closing(ok("follow")), { once: true });

/** One connection to the server, and what has come over it. */
class Line {
  text = "";
  ended: "eof" | "reset" | null = null;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #waiting: (() => void)[] = [];
  expired = false;

  constructor(port: number, deaf: boolean) {
    this.#socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const socket = this.#socket;
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", (error: Error & { code?: string }) => {
      // A failed write says nothing about what can still be read.
      if (error.code !== "EPIPE") this.ended ??= "reset";
      this.wake();
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => {
      if (!this.expired) this.ended ??= "reset";
      this.wake();
    });
    socket.on("data", (chunk: { toString(encoding: "latin1"): string }) => {
      this.text += chunk.toString("latin1");
      this.wake();
    });
    if (deaf) socket.pause();
  }

  #end(): void {
    this.ended ??= "eof";
    this.wake();
  }

  listen(): void {
    this.#socket.resume();
  }

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The guard has lost its patience. */
  expire(): void {
    this.expired = true;
    this.#socket.destroy();
    this.wake();
  }

  /** Waits until a condition holds, the server's side has ended, or the guard says stop. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && this.ended === null && !this.expired) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  send(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return Promise.resolve();
    // The callback comes with or without an error; the listener above takes care of that.
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  finish(): void {
    this.#socket.end();
  }

  async reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.#closed;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** One run of one case. */
class Run {
  readonly line: Line;
  readonly deadline: number;
  readonly #case: Case;
  readonly #target: Target;
  readonly #key: string;
  readonly #way: Way;
  #followed = false;

  constructor(target: Target, one: Case, way: Way) {
    this.#target = target;
    this.#case = one;
    this.#way = way;
    this.#key = target.stage.newKey();
    this.line = new Line(target.port, one.deafUntil !== undefined);
    this.deadline = performance.now() + target.patience;
  }

  async play(): Promise<Played> {
    const { steps, deafUntil } = this.#case;
    for (let at = 0; at < steps.length; at++) {
      if (at === deafUntil) this.line.listen();
      await this.#step(steps[at]!);
    }
    if (deafUntil !== undefined) this.line.listen();
    if (!steps.some((step) => typeof step === "object" && "drop" in step)) await this.#conclude();
    await this.#lateNotes();
    const played: Played = {
      read: this.#read(),
      text: this.line.text,
      ended: this.line.ended,
      followed: this.#followed,
      notes: [...this.#target.stage.notes(this.#key)],
    };
    await this.line.close();
    this.#target.stage.drop(this.#key);
    return played;
  }

  #read(): ReadAnswers {
    const methods = this.#case.outcomes[0]?.answers.map(({ to }) => to) ?? [];
    return readAnswers(this.line.text, methods, this.line.ended === "eof");
  }

  #complete(): number {
    return this.#read().finals.filter(({ complete }) => complete).length;
  }

  async #step(step: Step): Promise<void> {
    const { line } = this;
    const { stage } = this.#target;
    if (typeof step === "string") return this.#send(step.replaceAll(KEY, this.#key));
    if ("answers" in step) return await line.until(() => this.#complete() >= step.answers);
    if ("interim" in step) return await line.until(() => this.#interimOrBegun());
    if ("head" in step) return await line.until(() => this.#read().finals.length > 0);
    if ("note" in step) return await this.#untilNoted(step.note);
    if ("closed" in step) return await line.until(() => false);
    if ("end" in step) return line.finish();
    if ("drop" in step) return await (step.drop === "reset" ? line.reset() : line.close());
    await this.#untilNoted("gate");
    stage.open(this.#key);
  }

  /** An answer that has begun says that no interim one will come before it. */
  #interimOrBegun(): boolean {
    const { interim, finals } = this.#read();
    return interim.length > 0 || finals.at(-1)?.complete === false;
  }

  async #untilNoted(text: string): Promise<void> {
    const { stage } = this.#target;
    await this.line.until(() => {
      if (stage.notes(this.#key).includes(text)) return true;
      stage.onNote(this.#key, () => this.line.wake());
      return false;
    });
  }

  async #send(text: string): Promise<void> {
    for (const part of this.#parts(bytesOf(text))) {
      if (this.line.ended === "reset") return;
      await this.line.send(part);
      if (this.#way !== "whole") await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #parts(bytes: Uint8Array): Uint8Array[] {
    if (this.#way === "whole") return [bytes];
    if (this.#way === "bytes") return Array.from(bytes, (byte) => new Uint8Array([byte]));
    const { at } = this.#way;
    return at < bytes.length ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes];
  }

  /** Waits for the answers, and proves that the connection is open, or waits for its end. */
  async #conclude(): Promise<void> {
    const { outcomes } = this.#case;
    const wanted = Math.max(...outcomes.map(({ answers }) => answers.length));
    const mayFollow = outcomes.some(({ then }) => then !== "close");
    const isOver = (): boolean => {
      const { finals, broken } = this.#read();
      if (broken !== null) return true;
      const last = finals.at(-1);
      return last !== undefined && last.complete && (finals.length >= wanted || saysClose(last));
    };
    await this.line.until(isOver);
    const last = this.#read().finals.at(-1);
    const isOpen = this.line.ended === null && !this.line.expired;
    if (mayFollow && last !== undefined && !saysClose(last) && isOpen) {
      this.#followed = true;
      await this.line.send(bytesOf(FOLLOW_UP));
    }
    await this.line.until(() => this.#read().broken !== null);
  }

  /** What the handler has to note may come a little after the end of the connection. */
  async #lateNotes(): Promise<void> {
    const notes = this.#case.outcomes[0]?.notes ?? [];
    const { stage } = this.#target;
    while (performance.now() < this.deadline) {
      if (notes.every((note) => stage.notes(this.#key).includes(note))) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The ways to send a case. */
function waysOf(one: Case): Way[] {
  if (one.once) return ["whole"];
  const first = one.steps.find((step) => typeof step === "string") ?? "";
  const length = one.steps.reduce(
    (sum, step) => sum + (typeof step === "string" ? step.length : 0),
    0,
  );
  const ways: Way[] = length <= 600 ? ["whole", "bytes"] : ["whole"];
  if (!one.splits) return ways;
  // Ends with [text], then its bytes one by one: the rest are the splits in two.
  const splits = [...everySplit(bytesOf(first))].slice(2);
  return [...ways, ...splits.map((parts) => ({ at: parts[0]?.length ?? 0 }))];
}

function nameOf(way: Way): string {
  return typeof way === "string" ? way : `split at ${way.at}`;
}

function failureOf(one: Case, way: Way, played: Played, judgement: Judgement): Failure {
  const { id, rfc, level } = one;
  const end = played.ended === null ? "(left open)" : `(${played.ended})`;
  const shown = (text: string) =>
    JSON.stringify(text.length > 700 ? `${text.slice(0, 700)}...` : text);
  const steps = one.steps.map((step) =>
    typeof step === "string" ? shown(step) : JSON.stringify(step)
  );
  const notes = played.notes.length > 0 ? ` notes: ${played.notes.join("; ")}` : "";
  return {
    id,
    rfc,
    level,
    way: nameOf(way),
    why: judgement,
    sent: steps.join(" | "),
    got: `${shown(played.text)} ${end}${notes}`,
  };
}

/** Whatever was sent, the server serves the next client. */
async function survival(target: Target, one: Case): Promise<Failure[]> {
  const played = await new Run(target, ALIVE, "whole").play();
  const judgement = judge(ALIVE, played, target.strict);
  if (judgement === "") return [];
  return [failureOf({ ...ALIVE, id: `survival after ${one.id}` }, "whole", played, judgement)];
}

/** Runs cases, so many connections at once; gives what failed. */
export async function runCases(
  target: Target,
  cases: readonly Case[],
  connections: number = 32,
): Promise<Failure[]> {
  const jobs = cases.flatMap((one) => waysOf(one).map((way) => ({ one, way })));
  const failures: Failure[] = [];
  const running = new Set<Run>();
  let next = 0;
  const guard = setInterval(() => {
    const now = performance.now();
    for (const run of running) if (now > run.deadline) run.line.expire();
  }, 50);
  const work = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      const run = new Run(target, job.one, job.way);
      running.add(run);
      const played = await run.play();
      running.delete(run);
      const judgement = judge(job.one, played, target.strict);
      if (judgement !== "") failures.push(failureOf(job.one, job.way, played, judgement));
      if (job.way === "whole") failures.push(...await survival(target, job.one));
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  clearInterval(guard);
  return failures;
}

/** A failure for people to read. */
export function describe({ id, rfc, level, way, why, sent, got }: Failure): string {
  return `${id} (${level}, RFC ${rfc}, ${way}): ${why}\n    sent ${sent}\n    got  ${got}`;
}
