import { assertEquals } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import type { NetError } from "../_core/errors.ts";
import type { OutgoingContent } from "./client_body.ts";
import { ContentSender, type ContentTaker } from "./client_sender.ts";

/** Takes content up to a length, with room for so many chunks at a time. */
class Taker implements ContentTaker {
  readonly chunks: string[] = [];
  readonly done = new Deferred<string>();
  room = Infinity;
  most = Infinity;
  least = 0;
  drained: (() => void) | null = null;

  get hasRoom(): boolean {
    return this.chunks.length < this.room;
  }
  sendContent(chunk: Uint8Array): boolean {
    this.chunks.push(new TextDecoder().decode(chunk));
    return this.chunks.length <= this.most;
  }
  sendEnd(trailers: readonly string[]): boolean {
    const whole = this.chunks.length >= this.least;
    if (whole) this.done.resolve(["end", ...trailers].join(" "));
    return whole;
  }
  whenDrained(callback: () => void): void {
    this.drained = callback;
  }
  contentFailed(error: unknown): void {
    this.done.resolve((error as NetError).code ?? String(error));
  }
}

function content(chunks: unknown[], cancelled: unknown[] = []): OutgoingContent {
  const open = () => {
    const left = [...chunks];
    return {
      next: () => {
        const value = left.shift();
        if (value instanceof Error) return Promise.reject(value);
        return Promise.resolve({ done: value === undefined, value });
      },
      cancel: (reason: unknown) => void cancelled.push(reason),
    };
  };
  return { data: null, length: null, type: null, replayable: false, open };
}

Deno.test("ContentSender sends chunk by chunk, and ends", async () => {
  const taker = new Taker();
  const cancelled: unknown[] = [];
  new ContentSender(content(["a", new TextEncoder().encode("b")], cancelled), taker).run();
  assertEquals(await taker.done.promise, "end");
  assertEquals([taker.chunks, cancelled], [["a", "b"], []]);
});

Deno.test("ContentSender asks for trailer fields when all content was taken, and fails with them", async () => {
  const taker = new Taker();
  const taken: number[] = [];
  const sum = () => {
    taken.push(taker.chunks.length);
    return Promise.resolve(["x-sum", "2"]);
  };
  new ContentSender({ ...content(["a", "b"]), trailers: sum }, taker).run();
  assertEquals([await taker.done.promise, taken], ["end x-sum 2", [2]]);
  const other = new Taker();
  const fails = () => Promise.reject(new Error("No sum"));
  new ContentSender({ ...content(["a"]), trailers: fails }, other).run();
  assertEquals(await other.done.promise, "Error: No sum");
});

Deno.test("ContentSender waits when there is no room", async () => {
  const taker = new Taker();
  taker.room = 1;
  const waits = new Deferred<void>();
  taker.whenDrained = (callback) => {
    taker.drained = callback;
    waits.resolve();
  };
  new ContentSender(content(["a", "b", "c"]), taker).run();
  await waits.promise;
  assertEquals(taker.chunks, ["a"]);
  taker.room = Infinity;
  taker.drained!();
  assertEquals(await taker.done.promise, "end");
  assertEquals(taker.chunks, ["a", "b", "c"]);
});

const FAILURES: [string, unknown[], Partial<Taker>, string][] = [
  ["the source fails", ["a", new RangeError("No")], {}, "RangeError: No"],
  ["a chunk is none", ["a", 5], {}, "ERR_INVALID_ARG_TYPE"],
  ["there is too much", ["a", "b"], { most: 1 }, "ERR_HTTP_BODY_LENGTH"],
  ["there is too little", ["a"], { least: 2 }, "ERR_HTTP_BODY_LENGTH"],
];

for (const [what, chunks, limits, code] of FAILURES) {
  Deno.test(`ContentSender fails when ${what}`, async () => {
    const taker = Object.assign(new Taker(), limits);
    new ContentSender(content(chunks), taker).run();
    assertEquals(await taker.done.promise, code);
  });
}

Deno.test("ContentSender cancels its source when it is stopped, and sends no more", async () => {
  const taker = new Taker();
  taker.room = 0;
  const cancelled: unknown[] = [];
  const waits = new Deferred<void>();
  taker.whenDrained = (callback) => {
    taker.drained = callback;
    waits.resolve();
  };
  const sender = new ContentSender(content(["a", "b"], cancelled), taker);
  const running = sender.run();
  await waits.promise;
  sender.stop("enough");
  taker.drained!();
  await running;
  assertEquals([taker.chunks, cancelled], [["a"], ["enough"]]);
});
