import { assertEquals } from "@std/assert";
import { hasOwn } from "./has_own.ts";

Deno.test("hasOwn() sees an object's own keys alone", () => {
  const key = Symbol("key");
  const object = Object.create({ inherited: 1 }, { own: { value: 1 }, [key]: { value: 1 } });
  assertEquals(["own", key].map((name) => hasOwn(object, name)), [true, true]);
  assertEquals(["inherited", "toString"].map((name) => hasOwn(object, name)), [false, false]);
  assertEquals(hasOwn(Object.create(null), "own"), false);
});
