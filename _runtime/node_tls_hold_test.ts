import { assertEquals } from "@std/assert";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { Hold } from "./node_tls_hold.ts";

function holding(): { sink: RecordingSink; hold: Hold } {
  const sink = new RecordingSink();
  const hold = new Hold();
  hold.attach(sink);
  return { sink, hold };
}

Deno.test("Hold holds data and the end until it flows, in order", async () => {
  const { sink, hold } = holding();
  hold.push(pattern(3));
  hold.push(pattern(2));
  hold.end();
  assertEquals([sink.log, hold.open], [[], false]);
  hold.flow(true);
  // Never from within the call.
  assertEquals(sink.log, []);
  await sink.saw("end");
  assertEquals([sink.log, sink.received, hold.open], [["data", "end"], 5, true]);
});

Deno.test("Hold gives what it holds when the session closes", () => {
  const { sink, hold } = holding();
  hold.flow(true);
  hold.push(pattern(1));
  hold.flow(false);
  hold.push(pattern(2));
  assertEquals(sink.received, 1);
  hold.release();
  assertEquals(sink.received, 3);
});

Deno.test("Hold gives what it holds to whom the stream is handed over", async () => {
  const { sink, hold } = holding();
  hold.push(pattern(3));
  const next = new RecordingSink();
  hold.attach(next);
  hold.flow(true);
  await next.saw("data");
  assertEquals([sink.received, next.received], [0, 3]);
});

Deno.test("Hold forgets what nobody wants", () => {
  const { sink, hold } = holding();
  hold.push(pattern(3));
  hold.end();
  hold.clear();
  hold.release();
  assertEquals(sink.log, []);
});
