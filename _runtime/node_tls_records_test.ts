import { assert, assertEquals } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { everySplit } from "../_testing/splits.ts";
import { endsWithAlert, RecordWatch } from "./node_tls_records.ts";

function record(type: number, length: number): Uint8Array {
  return Uint8Array.from([type, 3, 3, length >> 8, length & 255, ...new Uint8Array(length)]);
}

Deno.test("RecordWatch finds the last record and whether it may be an alert, in every split", () => {
  const samples = [
    { records: [record(22, 40), record(23, 19)], alert: true },
    { records: [record(23, 300), record(21, 2)], alert: true },
    { records: [record(23, 19), record(23, 20)], alert: false },
    { records: [record(22, 19)], alert: false },
  ];
  for (const { records, alert } of samples) {
    const last = records.at(-1)!;
    const sample = concat(records);
    for (const parts of everySplit(sample)) {
      const watch = new RecordWatch();
      let at = 0;
      for (const part of parts) {
        const begin = watch.feed(part);
        // No byte of the last record is before it, unless it came in an earlier part.
        const expected = Math.max(0, sample.length - last.length - at);
        if (at + part.length === sample.length) assertEquals(begin, expected);
        else if (at + part.length > sample.length - last.length) assert(!watch.endsWithAlert);
        at += part.length;
      }
      assertEquals(watch.endsWithAlert, alert);
    }
  }
});

Deno.test("RecordWatch sees no alert before the first record and within one", () => {
  const watch = new RecordWatch();
  assertEquals([watch.feed(new Uint8Array()), watch.endsWithAlert], [0, false]);
  watch.feed(record(21, 2).subarray(0, 6));
  assertEquals(watch.endsWithAlert, false);
});

Deno.test("endsWithAlert() looks at the last of whole records", () => {
  const alert = [21, 3, 3, 0, 2, 2, 40];
  const handshake = [22, 3, 3, 0, 3, 1, 2, 3];
  const encryptedAlert = [23, 3, 3, 0, 19, ...new Array(19).fill(7)];
  const cases: [number[], boolean][] = [
    [alert, true],
    [[...handshake, ...alert], true],
    [[...handshake, ...encryptedAlert], true],
    [[...alert, ...handshake], false],
    [[], false],
  ];
  for (const [bytes, expected] of cases) {
    assertEquals(endsWithAlert(Uint8Array.from(bytes)), expected);
  }
});
