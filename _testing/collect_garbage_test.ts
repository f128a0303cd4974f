import { assertEquals } from "@std/assert";
import { collectGarbage } from "./collect_garbage.ts";

Deno.test("collectGarbage() takes what nobody holds, and leaves the rest", async () => {
  const kept = {};
  const gone: string[] = [];
  const registry = new FinalizationRegistry((name: string) => gone.push(name));
  registry.register(kept, "kept");
  (() => registry.register({}, "lost"))();
  assertEquals(await collectGarbage(() => gone.length > 0), true);
  assertEquals(await collectGarbage(() => gone.length > 1, 3), false);
  assertEquals([gone, typeof kept], [["lost"], "object"]);
});
