import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { logEvents, nextEvent } from "./event_log.ts";

Deno.test("logEvents() merges data and shows codes and arguments", () => {
  const emitter = new EventEmitter();
  const log = logEvents(emitter, ["connect", "data", "end", "error", "close", "drain"]);
  const error = Object.assign(new Error("reset"), { code: "ECONNRESET" });
  emitter.emit("connect");
  emitter.emit("data", new Uint8Array(3));
  emitter.emit("data", "hé");
  emitter.emit("drain");
  emitter.emit("data", new Uint8Array(2));
  emitter.emit("other");
  emitter.emit("error", error);
  emitter.emit("error", new TypeError("plain"));
  emitter.emit("close", true);
  emitter.emit("close");
  assertEquals(log, [
    "connect",
    "data(6)",
    "drain",
    "data(2)",
    "error(ECONNRESET)",
    "error(TypeError)",
    "close(true)",
    "close",
  ]);
});

Deno.test("logEvents() shows an empty chunk", () => {
  const emitter = new EventEmitter();
  const log = logEvents(emitter, ["data"]);
  emitter.emit("data", new Uint8Array(0));
  assertEquals(log, ["data(0)"]);
  emitter.emit("data", new Uint8Array(4));
  assertEquals(log, ["data(4)"]);
});

interface Events {
  close: [hadError: boolean];
  error: [error: Error];
}

Deno.test("nextEvent() waits past an error, on an emitter with typed events too", async () => {
  const emitter = new EventEmitter<Events>();
  const log = logEvents(emitter, ["error", "close"]);
  const closed = nextEvent(emitter, "close");
  emitter.emit("error", new Error("no"));
  emitter.emit("close", false);
  assertEquals(await closed, [false]);
  assertEquals(log, ["error(Error)", "close(false)"]);
});
