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

Deno.test("Fifo takes many items out in time that grows with their number only", () => {
  const time = (count: number) => {
    const fifo = new Fifo<number>();
    for (let item = 0; item < count; item++) fifo.push(item);
    const start = performance.now();
    while (fifo.length > 0) fifo.shift();
    return performance.now() - start;
  };
  time(100_000);
  // Ten times as many took a thousand times as long with an array.
  assert(time(1_000_000) < 100 * Math.max(1, time(100_000)));
});
