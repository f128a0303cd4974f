import { assertEquals } from "@std/assert";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { DescriptorWatch } from "./node_descriptors.ts";

function setup(...answers: ("EMFILE" | "ENFILE" | null)[]) {
  const clock = new FakeClock();
  const told: string[] = [];
  const looks: number[] = [];
  const watch = new DescriptorWatch((code) => told.push(code), new TimerQueue(clock), () => {
    looks.push(clock.now());
    return answers.shift() ?? null;
  });
  return { clock, told, looks, watch };
}

Deno.test("DescriptorWatch looks once within some more than a second when many clients come", () => {
  const { clock, told, looks, watch } = setup();
  clock.advance(5000);
  assertEquals(looks, []);
  for (let client = 0; client < 100; client++) watch.clientCame();
  clock.advance(5000);
  assertEquals([looks.length, told], [1, []]);
  watch.clientCame();
  clock.advance(5000);
  assertEquals(looks.length, 2);
});

Deno.test("DescriptorWatch tells each second until there is a descriptor when there is none", () => {
  const { clock, told, looks, watch } = setup("EMFILE", "ENFILE", null, "EMFILE");
  watch.clientCame();
  clock.advance(10_000);
  assertEquals([told, looks.length], [["EMFILE", "ENFILE"], 3]);
});

Deno.test("DescriptorWatch leaves no timer behind when it stops", () => {
  const { clock, looks, watch } = setup();
  watch.clientCame();
  watch.stop();
  assertEquals(clock.pending, 0);
  clock.advance(5000);
  assertEquals(looks, []);
});

Deno.test("DescriptorWatch tells nothing when the process has descriptors left", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const watch = new DescriptorWatch((code) => told.push(code), new TimerQueue(clock));
  watch.clientCame();
  clock.advance(5000);
  assertEquals(told, []);
});
