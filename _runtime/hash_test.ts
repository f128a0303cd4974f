import { assert, assertEquals } from "@std/assert";
import { randomBase64, randomWord, sha1 } from "./hash.ts";

Deno.test("sha1() gives the digest in base64", () => {
  assertEquals(sha1("abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
});

Deno.test("randomBase64() gives that many bytes, others each time", () => {
  assertEquals(atob(randomBase64(16)).length, 16);
  assert(randomBase64(16) !== randomBase64(16));
});

Deno.test("randomWord() gives other words beyond one filling", () => {
  const words = new Set(Array.from({ length: 5000 }, randomWord));
  assert(words.size > 4990);
  assert([...words].every((word) => word === (word | 0)));
  assert([...words].some((word) => word < 0));
});
