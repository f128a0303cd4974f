import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError, netError } from "../_core/errors.ts";
import type { Failure } from "./failure.ts";
import { ReadQueue, type ReadQueueOwner } from "./read_queue.ts";

/** A consumer that listens or not, and writes down what it is told. */
class Owner implements ReadQueueOwner<string> {
  readonly log: string[] = [];
  /** How many items are still listened for. */
  listens = 0;
  /** Called after an item was delivered. */
  afterItem: (item: string) => void = () => {};

  deliver(item: string): boolean {
    if (this.listens === 0) return false;
    this.listens -= 1;
    this.log.push(item);
    this.afterItem(item);
    return true;
  }

  listening(): boolean {
    return this.listens > 0;
  }

  deliverEnd(): void {
    this.log.push("end");
  }

  deliverFailure(failure: Failure): void {
    this.log.push(`failure(${(failure.error as NetError).code})`);
  }

  setReading(on: boolean): void {
    this.log.push(on ? "reading" : "stopped");
  }

  sizeOf(item: string): number {
    return item.length;
  }
}

function setup(limit = 10): { owner: Owner; queue: ReadQueue<string> } {
  const owner = new Owner();
  return { owner, queue: new ReadQueue(owner, limit) };
}

/** A queue with a listener that stays. */
function listening(limit = 10): { owner: Owner; queue: ReadQueue<string> } {
  const made = setup(limit);
  made.owner.listens = Infinity;
  made.queue.listen();
  return made;
}

const reset: Failure = { error: netError("ECONNRESET", "Cannot read: gone") };

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

/** What comes out of a queue by read(), until its end. */
async function readAll(queue: ReadQueue<string>): Promise<string[]> {
  const items: string[] = [];
  for (let item = await queue.read(); item !== null; item = await queue.read()) items.push(item);
  return items;
}

Deno.test("ReadQueue read() gives items in order, then null for ever, when the source ends", async () => {
  const { queue } = setup();
  for (const item of ["a", "b", "c"]) queue.push(item);
  queue.end();
  assertEquals(await readAll(queue), ["a", "b", "c"]);
  assertEquals(await queue.read(), null);
  assertEquals(queue.consumer, null);
});

Deno.test("ReadQueue read() waits for an item, the end or the failure when nothing is there", async () => {
  for (const [act, result] of [["push", "a"], ["unshift", "b"], ["end", null]] as const) {
    const { queue } = setup();
    const reading = queue.read();
    if (act === "end") queue.end();
    else queue[act](result);
    assertEquals(await reading, result);
    assertEquals(queue.size, 0);
  }
  const { queue } = setup();
  const reading = queue.read();
  queue.fail(reset);
  assertStrictEquals(await assertRejects(() => reading), reset.error);
});

Deno.test("ReadQueue read() gives what waits, then rejects every time, when the source failed", async () => {
  const { queue, owner } = setup();
  queue.push("a");
  queue.fail(reset);
  await setImmediate();
  assertEquals(owner.log, []);
  assertEquals(await queue.read(), "a");
  for (let time = 0; time < 3; time++) {
    assertStrictEquals(await assertRejects(() => queue.read()), reset.error);
  }
  assertEquals(owner.log, ["failure(ECONNRESET)"]);
});

Deno.test("ReadQueue read() rejects with ERR_INVALID_STATE when another read waits, which still gets its item", async () => {
  const { queue } = setup();
  const first = queue.read();
  assertEquals(await codeOf(queue.read()), "ERR_INVALID_STATE");
  queue.push("a");
  assertEquals(await first, "a");
  queue.push("b");
  assertEquals(await queue.read(), "b");
});

Deno.test("ReadQueue pull() rejects with ERR_INVALID_STATE when the one before waits", async () => {
  const { queue } = setup();
  queue.claim("iteration");
  const first = queue.pull();
  assertEquals(await codeOf(queue.pull()), "ERR_INVALID_STATE");
  queue.push("a");
  assertEquals(await first, "a");
});

Deno.test("ReadQueue claim() names both consumers and throws when one is at work", async () => {
  const { queue } = setup();
  queue.claim("iteration");
  const error = assertThrows(() => queue.claim("readable"), NetError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  assertEquals(error.message, "Cannot read by readable while iteration reads");
  assertThrows(() => queue.listen(), NetError);
  assertEquals(queue.consumer, "iteration");
  queue.release();
  queue.push("a");
  assertEquals(await queue.read(), "a");
});

Deno.test("ReadQueue read() tells the end, or the failure, when a listener was told of it", async () => {
  const ended = listening();
  ended.queue.end();
  await null;
  assertEquals(ended.owner.log.at(-1), "end");
  assertEquals([await ended.queue.read(), await ended.queue.read()], [null, null]);
  const failed = listening();
  failed.queue.fail(reset);
  await null;
  assertEquals(await codeOf(failed.queue.read()), "ECONNRESET");
  failed.queue.claim("iteration");
  assertEquals(await codeOf(failed.queue.pull()), "ECONNRESET");
});

Deno.test("ReadQueue listen() delivers from the next turn on, in order, when items wait", async () => {
  const { queue, owner } = setup();
  owner.listens = Infinity;
  queue.push("a");
  queue.push("b");
  queue.listen();
  queue.push("c");
  assertEquals(owner.log, ["reading"]);
  await Promise.resolve();
  queue.push("d");
  assertEquals(owner.log, ["reading", "a", "b", "c", "d"]);
  assertEquals(queue.size, 0);
});

Deno.test("ReadQueue delivers the end once, after the last item, when listeners read", async () => {
  const { queue, owner } = setup();
  owner.listens = Infinity;
  queue.push("a");
  queue.end();
  assertEquals(owner.log, []);
  queue.listen();
  await setImmediate();
  queue.listen();
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["a", "end"]);
  assertEquals(queue.finished, true);
});

Deno.test("ReadQueue keeps the end back when nobody has begun to read", async () => {
  const { queue, owner } = setup();
  queue.end();
  await setImmediate();
  assertEquals([owner.log, queue.finished], [[], false]);
  assertEquals(await queue.read(), null);
  await setImmediate();
  assertEquals([owner.log, queue.finished], [["end"], true]);
});

Deno.test("ReadQueue keeps the chunk for the next consumer when the listener goes away", async () => {
  const { queue, owner } = setup();
  owner.listens = 1;
  queue.push("a");
  queue.push("b");
  queue.listen();
  await setImmediate();
  queue.push("c");
  assertEquals(owner.log.filter((entry) => entry.length === 1), ["a"]);
  assertEquals(queue.size, 2);
  assertEquals(await queue.read(), "b");
  owner.listens = 1;
  queue.listen();
  await setImmediate();
  assertEquals(owner.log.filter((entry) => entry.length === 1), ["a", "c"]);
});

Deno.test("ReadQueue keeps a pushed chunk when the listener has gone away meanwhile", async () => {
  const { queue, owner } = listening();
  queue.push("a");
  owner.listens = 0;
  queue.push("b");
  queue.end();
  assertEquals(owner.log, ["reading", "a", "stopped"]);
  assertEquals(await readAll(queue), ["b"]);
});

Deno.test("ReadQueue pause() holds items and the end back when called, resume() lets them go", async () => {
  const { queue, owner } = listening();
  queue.pause();
  assertEquals(queue.paused, true);
  queue.push("a");
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped"]);
  queue.resume(true);
  assertEquals(queue.paused, false);
  assertEquals(owner.log, ["reading", "stopped"]);
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "a", "end"]);
});

Deno.test("ReadQueue pause() holds the end back when nothing waits before it", async () => {
  const { queue, owner } = listening();
  queue.pause();
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped"]);
  queue.resume(true);
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "end"]);
});

Deno.test("ReadQueue pause() stops a delivery at once when a listener calls it", async () => {
  const { queue, owner } = setup();
  owner.listens = Infinity;
  owner.afterItem = () => queue.pause();
  for (const item of ["a", "b", "c"]) queue.push(item);
  for (const expected of ["a", "ab", "abc"]) {
    queue.resume(true);
    await setImmediate();
    assertEquals(owner.log.filter((entry) => entry.length === 1).join(""), expected);
  }
});

Deno.test("ReadQueue pause() holds back for listeners that come later when nobody listened yet", async () => {
  const { queue, owner } = setup();
  owner.listens = Infinity;
  queue.pause();
  queue.listen();
  queue.push("a");
  await setImmediate();
  assertEquals(owner.log, ["reading"]);
  queue.resume(true);
  await setImmediate();
  assertEquals(owner.log, ["reading", "a"]);
});

Deno.test("ReadQueue resume() drops what waits and comes when nobody listens, and tells the end", async () => {
  const { queue, owner } = setup();
  queue.push("a");
  queue.resume(false);
  queue.push("b");
  assertEquals([queue.dropping, queue.size, queue.consumer], [true, 0, "resume()"]);
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "end"]);
});

Deno.test("ReadQueue listen() takes over when resume() was dropping", async () => {
  const { queue, owner } = setup();
  queue.resume(false);
  queue.push("a");
  owner.listens = Infinity;
  queue.listen();
  queue.push("b");
  await setImmediate();
  assertEquals(owner.log, ["reading", "b"]);
});

Deno.test("ReadQueue pause() ends the dropping when resume() had begun it", async () => {
  const { queue, owner } = setup();
  queue.resume(false);
  queue.push("a");
  queue.pause();
  queue.push("b");
  queue.end();
  await setImmediate();
  assertEquals(queue.size, 1);
  owner.listens = Infinity;
  queue.listen();
  queue.resume(true);
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "b", "end"]);
});

Deno.test("ReadQueue stops its source at the limit and lets it go on below when somebody reads", async () => {
  const { queue, owner } = setup(4);
  queue.push("ab");
  assertEquals([owner.log, queue.size], [[], 2]);
  queue.readAhead();
  queue.push("c");
  assertEquals(owner.log, ["reading"]);
  queue.push("d");
  assertEquals([owner.log, queue.size], [["reading", "stopped"], 4]);
  assertEquals(await queue.read(), "ab");
  assertEquals([owner.log, queue.size], [["reading", "stopped", "reading"], 2]);
  assertEquals(await queue.read(), "c");
  queue.end();
  assertEquals(owner.log, ["reading", "stopped", "reading", "stopped"]);
});

Deno.test("ReadQueue does not read when nobody has asked for anything", async () => {
  const { queue, owner } = setup();
  queue.claim("read()");
  queue.release();
  queue.unshift("a");
  assertEquals(await queue.read(), "a");
  assertEquals(owner.log, []);
  const reading = queue.read();
  assertEquals(owner.log, ["reading"]);
  queue.push("b");
  assertEquals(await reading, "b");
});

Deno.test("ReadQueue readAhead() tells the end when nothing waits before it", async () => {
  const { queue, owner } = setup();
  queue.readAhead();
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "end"]);
  const unread = setup();
  unread.queue.readAhead();
  unread.queue.push("a");
  unread.queue.end();
  await setImmediate();
  assertEquals(unread.owner.log, ["reading", "stopped"]);
});

Deno.test("ReadQueue unshift() puts an item before all others when some wait", async () => {
  const { queue, owner } = setup();
  queue.push("b");
  queue.unshift("a");
  assertEquals(queue.size, 2);
  queue.end();
  assertEquals(await readAll(queue), ["a", "b"]);
  await setImmediate();
  queue.unshift("c");
  assertEquals(await queue.read(), "c");
  assertEquals(await queue.read(), null);
  await setImmediate();
  assertEquals(owner.log.filter((entry) => entry === "end"), ["end"]);
});

Deno.test("ReadQueue unshift() hands the item to the listeners in a later turn when they read", async () => {
  const { queue, owner } = listening();
  queue.unshift("a");
  assertEquals(owner.log, ["reading"]);
  queue.push("b");
  await setImmediate();
  assertEquals(owner.log, ["reading", "a", "b"]);
});

Deno.test("ReadQueue drop() forgets what waits and comes when called, and tells the end", async () => {
  const { queue, owner } = setup();
  queue.push("abc");
  queue.pause();
  queue.drop();
  queue.push("d");
  assertEquals([queue.size, queue.dropping, queue.paused], [0, true, false]);
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "end"]);
  assertEquals(await queue.read(), null);
});

Deno.test("ReadQueue fail() tells the failure once when the end had come before", async () => {
  const { queue, owner } = listening();
  queue.end();
  queue.fail(reset);
  queue.fail({ error: netError("EPIPE", "Cannot write: gone") });
  queue.end();
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "end", "failure(ECONNRESET)"]);
  assertStrictEquals(await assertRejects(() => queue.pull()), reset.error);
});

Deno.test("ReadQueue fail() tells the failure although nobody reads when nothing waits", async () => {
  const { queue, owner } = setup();
  queue.fail(reset);
  await setImmediate();
  assertEquals(owner.log, ["failure(ECONNRESET)"]);
});

Deno.test("ReadQueue fail() tells the failure after the items when listeners are paused", async () => {
  const { queue, owner } = listening();
  queue.pause();
  queue.push("a");
  queue.fail(reset);
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped"]);
  queue.resume(true);
  await setImmediate();
  assertEquals(owner.log, ["reading", "stopped", "a", "failure(ECONNRESET)"]);
});

Deno.test("ReadQueue abortPending() rejects the read that waits, and does nothing when none does", async () => {
  const { queue } = setup();
  queue.abortPending(new Error("Nobody waits"));
  const reading = queue.read();
  const reason = new Error("Enough");
  queue.abortPending(reason);
  assertStrictEquals(await assertRejects(() => reading), reason);
  assertEquals(queue.consumer, null);
  queue.push("a");
  assertEquals(await queue.read(), "a");
});

Deno.test("ReadQueue read() rejects with the reason when its signal aborts, and takes nothing out", async () => {
  const { queue } = setup();
  const reason = new Error("Enough");
  const stop = new AbortController();
  const reading = queue.read(stop.signal);
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => reading), reason);
  queue.push("a");
  assertStrictEquals(await assertRejects(() => queue.read(stop.signal)), reason);
  assertEquals([queue.size, queue.consumer], [1, null]);
  const late = new AbortController();
  assertEquals(await queue.read(late.signal), "a");
  const next = queue.read();
  late.abort(reason);
  queue.push("b");
  assertEquals(await next, "b");
});

Deno.test("ReadQueue whenEndTaken() calls back once, when whoever pulls has been told of the end", async () => {
  const { queue } = setup();
  let taken = 0;
  queue.push("a");
  queue.end();
  await queue.read();
  await setImmediate();
  queue.whenEndTaken(() => taken++);
  assertEquals(taken, 0);
  assertEquals(await queue.read(), null);
  assertEquals(taken, 1);
  assertEquals(await queue.read(), null);
  assertEquals(taken, 1);
});

Deno.test("ReadQueue whenEndTaken() calls back at once when nobody pulls, or when the end answered a read", async () => {
  let taken = 0;
  const { queue } = listening();
  queue.push("a");
  queue.end();
  queue.whenEndTaken(() => taken++);
  assertEquals(taken, 1);
  const pulled = setup().queue;
  const reading = pulled.read();
  pulled.end();
  pulled.whenEndTaken(() => taken++);
  assertEquals([taken, await reading], [2, null]);
});

Deno.test("ReadQueue resume() owes nobody the end when who pulled does so no more", async () => {
  const queue = new ReadQueue<string>({
    deliver: () => false,
    listening: () => false,
    deliverEnd: () => {},
    deliverFailure: () => {},
    setReading: () => {},
    sizeOf: () => 1,
  }, 10);
  queue.push("a");
  assertEquals(await queue.read(), "a");
  let taken = false;
  queue.whenEndTaken(() => taken = true);
  assertEquals(taken, false);
  queue.resume(false);
  assertEquals(taken, true);
});

Deno.test("ReadQueue direct tells whether the next item goes to the listeners at once", () => {
  let listens = true;
  const queue = new ReadQueue<string>({
    deliver: () => listens,
    listening: () => listens,
    deliverEnd: () => {},
    deliverFailure: () => {},
    setReading: () => {},
    sizeOf: () => 1,
  }, 10);
  assertEquals(queue.direct, false);
  queue.listen();
  assertEquals(queue.direct, true);
  queue.pause();
  queue.push("waits");
  assertEquals(queue.direct, false);
  listens = false;
});
