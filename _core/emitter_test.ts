import { assertEquals, assertThrows } from "@std/assert";
import { beforeListener, Emitter } from "./emitter.ts";

interface Events {
  data: [number];
  end: [];
}

class Hooked extends Emitter<Events> {
  seen: string[] = [];
  override [beforeListener](event: string) {
    if (event === "end") throw new Error("Refused");
    this.seen.push(event);
  }
}

Deno.test("Emitter calls its hook once when a listener comes by any method", () => {
  const emitter = new Hooked();
  let calls = 0;
  const count = () => calls++;
  emitter.on("data", count);
  emitter.addListener("data", count);
  emitter.once("data", count);
  emitter.prependListener("data", count);
  emitter.prependOnceListener("data", count);
  assertEquals(emitter.seen, ["data", "data", "data", "data", "data"]);
  emitter.emit("data", 1);
  assertEquals(calls, 5);
  assertEquals(emitter.listenerCount("data"), 3);
});

Deno.test("Emitter adds nothing when its hook throws", () => {
  const emitter = new Hooked();
  assertThrows(() => emitter.on("end", () => {}), Error, "Refused");
  assertEquals(emitter.listenerCount("end"), 0);
});

Deno.test("Emitter works as node:events when there is no hook", () => {
  const emitter = new Emitter<Events>();
  const got: number[] = [];
  emitter.on("data", (value) => got.push(value));
  assertEquals(emitter.emit("data", 7), true);
  assertEquals(emitter.emit("end"), false);
  assertEquals(got, [7]);
});
