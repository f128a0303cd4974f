import { assertEquals } from "@std/assert";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { HoldingSink } from "./node_tls_hold.ts";

Deno.test("HoldingSink holds data and the end until it flows, in order", async () => {
  const sink = new RecordingSink();
  const holding = new HoldingSink(sink, (act) => act());
  holding.onData(pattern(3));
  holding.onData(pattern(2));
  holding.onEnd();
  assertEquals(sink.log, []);
  holding.flow(true);
  // Never from within the call.
  assertEquals(sink.log, []);
  await sink.saw("end");
  assertEquals([sink.log, sink.received], [["data", "end"], 5]);
});

Deno.test("HoldingSink gives what it holds before the close", () => {
  const sink = new RecordingSink();
  const holding = new HoldingSink(sink, (act) => act());
  holding.flow(true);
  holding.onData(pattern(1));
  holding.flow(false);
  holding.onData(pattern(2));
  holding.onWritten(1);
  holding.onFinish();
  assertEquals(sink.received, 1);
  holding.onClose(null);
  assertEquals([sink.log.at(-1), sink.received], ["close", 3]);
});

Deno.test("HoldingSink tells the end of our side and the close when the stream below is idle", () => {
  const sink = new RecordingSink();
  const waiting: (() => void)[] = [];
  const holding = new HoldingSink(sink, (act) => waiting.push(act));
  holding.onFinish();
  assertEquals(sink.log, []);
  waiting.shift()!();
  assertEquals(sink.log, ["finish"]);
  holding.onFinish();
  holding.onClose(null);
  for (const act of waiting) act();
  // After the close nothing is told.
  assertEquals(sink.log, ["finish", "close"]);
});
