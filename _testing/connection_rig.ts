/** A connection over one end of a stream in memory, with an owner that writes down what it is told. @module */

import { assert, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { NetError } from "../_core/errors.ts";
import { Connection } from "../_io/connection.ts";
import type { ConnectionOptions, ConnectionOwner } from "../_io/connection_owner.ts";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "./fake_clock.ts";
import { type MemoryOptions, MemoryStream } from "./memory_stream.ts";
import { RecordingSink } from "./stream_contract.ts";

/** Writes down what it is told, with data summed up; listens to `listens` more chunks. */
export class Owner implements ConnectionOwner {
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  listens = 0;
  received = "";
  /** Called after something was told. */
  after: (what: string) => void = () => {};

  onOpen = () => this.#tell("open");
  onEnd = () => this.#tell("end");
  onDrain = () => this.#tell("drain");
  onTimeout = () => this.#tell("timeout");
  onClose = (hadError: boolean) => this.#tell(`close(${hadError})`);
  onLateWrite = (error: unknown) => void this.errors.push(error);
  listening = () => this.listens > 0;

  onData(chunk: Uint8Array): boolean {
    if (this.listens === 0) return false;
    this.listens -= 1;
    this.received += new TextDecoder().decode(chunk);
    this.#tell("data");
    return true;
  }

  onError(error: unknown): void {
    this.errors.push(error);
    this.#tell(`error(${codeOf(error)})`);
  }

  #tell(what: string): void {
    assert(!this.log.at(-1)?.startsWith("close"), `${what} after close`);
    if (what !== "data" || this.log.at(-1) !== what) this.log.push(what);
    this.after(what);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof NetError ? error.code : String(error);
}

/** The code that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  return codeOf(await assertRejects(() => promise));
}

/** A connection over one end of a pair, and a peer at the other end. */
export interface Rig {
  readonly owner: Owner;
  readonly connection: Connection;
  readonly near: MemoryStream;
  readonly far: MemoryStream;
  readonly peer: RecordingSink;
  readonly clock: FakeClock;
}

export type RigOptions = Partial<ConnectionOptions> & MemoryOptions;

export const LINGER = 1024;
export const LINGERED = LINGER + LINGER / 16 + 4;

/** A connection that still waits for its stream, `near`. */
export function opening(options: RigOptions = {}): Rig {
  const clock = new FakeClock();
  const owner = new Owner();
  const [near, far] = MemoryStream.pair(options);
  const peer = new RecordingSink();
  far.attach(peer);
  const connection = new Connection(owner, {
    highWaterMark: 1000,
    maxBufferedAmount: Infinity,
    allowHalfOpen: false,
    lingerTimeout: LINGER,
    lingerCuts: "none",
    forgottenTimeout: Infinity,
    stallTimeout: Infinity,
    lingerBytes: 10_000,
    timers: new TimerQueue(clock),
    ...options,
  });
  return { owner, connection, near, far, peer, clock };
}

/** A connection that is open, with a listener unless `listens` says otherwise. */
export function opened(options: RigOptions & { listens?: number } = {}): Rig {
  const rig = opening(options);
  rig.connection.open(rig.near);
  rig.owner.log.pop();
  rig.owner.listens = options.listens ?? Infinity;
  if (rig.owner.listens > 0) rig.connection.reads.listen();
  return rig;
}

/** The peer sends bytes; they are on their way when it resolves. */
export async function send({ far, peer }: Rig, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const before = peer.written;
  for (let sent = 0; sent < bytes.length; sent = peer.written - before) {
    const written = peer.written;
    far.write(bytes.subarray(sent));
    await peer.until(() => peer.written > written);
  }
  await setImmediate();
}

export function textAt({ peer }: Rig): string {
  return new TextDecoder().decode(concat(peer.chunks));
}

export function writesOf({ near }: Rig): string[] {
  return near.calls.filter((call) => call.startsWith("write"));
}
