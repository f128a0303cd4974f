import { assert, assertEquals } from "@std/assert";
import { Fifo } from "./fifo.ts";

Deno.test("Fifo gives items in the order of an array when they come and go at both ends", () => {
  const fifo = new Fifo<number>();
  const model: number[] = [];
  let state = 1;
  for (let step = 0; step < 20_000; step++) {
    state = (state * 48_271) % 2_147_483_647;
    const kind = state % 10;
    if (kind < 5) fifo.push(step), model.push(step);
    else if (kind === 5) fifo.unshift(step), model.unshift(step);
    else if (kind === 6 && model.length > 0) {
      fifo.replaceLast(-step);
      model[model.length - 1] = -step;
    } else assertEquals(fifo.shift(), model.shift());
    assertEquals([fifo.length, fifo.peek()], [model.length, model[0]]);
  }
  fifo.clear();
  assertEquals([fifo.length, fifo.shift(), fifo.peek()], [0, undefined, undefined]);
});

/** What leaves a queue as long as it was. */
const OPERATIONS: Record<string, (fifo: Fifo<number>) => void> = {
  "push and shift"(fifo) {
    fifo.push(1);
    fifo.shift();
  },
  "unshift and shift"(fifo) {
    fifo.unshift(1);
    fifo.shift();
  },
};

/**
 * The least time in ms that an operation took a thousand times, of some tries: what else runs on the
 * machine only adds to it. One of up to `most` is good enough.
 */
function leastTime(length: number, operate: (fifo: Fifo<number>) => void, most = 0): number {
  const fifo = new Fifo<number>();
  for (let item = 0; item < length; item++) fifo.push(item);
  let least = Infinity;
  for (let tries = 0; tries < 20 && least > most; tries++) {
    const start = performance.now();
    for (let count = 0; count < 1000; count++) operate(fifo);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

Deno.test("Fifo takes and gives items at both ends at the same cost however long it is", () => {
  for (const [name, operate] of Object.entries(OPERATIONS)) {
    // Where the items move, as in an array, the long one takes a thousand times as much.
    const most = 50 * Math.max(0.02, leastTime(1000, operate));
    const time = leastTime(1_000_000, operate, most);
    assert(time <= most, `${name}: ${time} ms, which should have been ${most} or less`);
  }
});
