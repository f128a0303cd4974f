import { assertEquals } from "@std/assert";
import { Counters } from "./counters.ts";

Deno.test("Counters keeps what goes through each protocol apart", () => {
  const counters = new Counters();
  const meter = counters.of("UDP");
  assertEquals(meter.received("5 €"), "5 €");
  assertEquals(meter.sent(new Uint8Array(7)).length, 7);
  const counted = counters.counts().filter(({ counts }) => counts.bytesIn > 0);
  assertEquals(counted, [{
    protocol: "UDP",
    counts: {
      open: 0,
      connections: 0,
      messagesIn: 1,
      messagesOut: 1,
      bytesIn: 5,
      bytesOut: 7,
    },
  }]);
});

Deno.test("Meter adds up the connections of all its servers", () => {
  const meter = new Counters().of("TCP");
  const server = { connections: 2, on: (_event: "connection", listener: () => void) => listener() };
  meter.watch(server);
  meter.watch(server);
  meter.addOpen(() => 3);
  server.connections = 1;
  const { open, connections } = meter.counts();
  assertEquals([open, connections], [5, 2]);
});
