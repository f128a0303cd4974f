import { assertEquals, assertThrows } from "@std/assert";
import { EventEmitter } from "node:events";
import { beforeListener } from "./emitter.ts";

interface Events {
  data: [number];
  end: [];
}

class Hooked extends EventEmitter<Events> {
  seen: string[] = [];

  static {
    beforeListener(this.prototype, (emitter, event) => {
      if (event === "end") throw new Error("Refused");
      emitter.seen.push(event);
    });
  }
}

Deno.test("beforeListener() calls its hook once when a listener comes by any method", () => {
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

Deno.test("beforeListener() still calls its hook when all listeners were removed", () => {
  const emitter = new Hooked();
  emitter.removeAllListeners();
  emitter.on("data", () => {});
  assertEquals(emitter.seen, ["data"]);
});

Deno.test("beforeListener() adds nothing when the hook throws, and leaves other emitters alone", () => {
  const emitter = new Hooked();
  assertThrows(() => emitter.on("end", () => {}), Error, "Refused");
  assertEquals(emitter.listenerCount("end"), 0);
  assertEquals(new EventEmitter().on("end", () => {}).listenerCount("end"), 1);
});
