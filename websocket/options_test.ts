import { assertEquals, assertThrows } from "@std/assert";
import { extraFields, settingsOf, type WebSocketOptions } from "./options.ts";

Deno.test("settingsOf() has a finite default for everything but the idle time", () => {
  const { connection, deflate, timers: _, ...rest } = settingsOf();
  const infinite = Object.entries({ ...rest, ...connection })
    .filter(([, value]) => value === Infinity).map(([name]) => name);
  assertEquals(infinite, ["idleTimeout", "forgottenTimeout"]);
  assertEquals(deflate, {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  });
});

Deno.test("settingsOf() turns things off, and takes what is given", () => {
  const off = settingsOf({ compression: false, heartbeat: false });
  assertEquals([off.deflate, off.heartbeatInterval], [null, Infinity]);
  const given = settingsOf({
    compression: { threshold: 0, serverMaxWindowBits: 9 },
    heartbeat: { timeout: 7 },
    maxMessageSize: 100,
  });
  assertEquals([given.threshold, given.deflate?.serverMaxWindowBits], [0, 9]);
  // A message of 100 bytes that deflating made larger still fits.
  assertEquals([given.heartbeatTimeout, given.maxFrameSize], [7, 176.5]);
  assertEquals(settingsOf({ maxFrameSize: 50 }).maxFrameSize, 50);
});

Deno.test("settingsOf() refuses numbers that cannot be", () => {
  for (
    const options of [
      { maxMessageSize: -1 },
      { maxFragments: 0 },
      { highWaterMark: NaN },
      { closeTimeout: "1" as never },
      { heartbeat: { interval: 0 } },
      { compression: { level: 0 } },
      { compression: { level: 1.5 } },
      { compression: { clientMaxWindowBits: 7 } },
      { compression: { serverMaxWindowBits: 16 } },
    ] satisfies WebSocketOptions[]
  ) {
    assertThrows(() => settingsOf(options), RangeError);
  }
});

Deno.test("extraFields() takes any field but those of the handshake", () => {
  assertEquals([...extraFields({ "X-Own": "1" })], [["x-own", "1"]]);
  assertEquals([...extraFields(undefined)], []);
  assertThrows(() => extraFields([["Sec-WebSocket-Version", "8"]]), TypeError, "its own");
});
