import { assertEquals } from "@std/assert";
import { fieldsAfter, isRedirect, readLocation, stepAfter } from "./redirect.ts";

const STEPS: [number, string, string, boolean][] = [
  [301, "GET", "GET", true],
  [301, "POST", "GET", false],
  [302, "POST", "GET", false],
  [302, "PUT", "PUT", true],
  [301, "DELETE", "DELETE", true],
  [303, "POST", "GET", false],
  [303, "PUT", "GET", false],
  [303, "GET", "GET", true],
  [303, "HEAD", "HEAD", true],
  [307, "POST", "POST", true],
  [308, "POST", "POST", true],
];

for (const [status, method, next, keepsBody] of STEPS) {
  Deno.test(`stepAfter() goes on by ${next} when ${method} meets ${status}`, () => {
    assertEquals(stepAfter(status, method), { method: next, keepsBody });
  });
}

Deno.test("isRedirect() holds when the status is one of the five", () => {
  const statuses = [200, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309];
  assertEquals(statuses.filter(isRedirect), [301, 302, 303, 307, 308]);
});

const FIELDS = [
  ["Authorization", "Basic x"],
  ["Cookie", "a=b"],
  ["Host", "here"],
  ["Content-Type", "text/plain"],
  ["X-Own", "1"],
].flat();

const KEPT: [boolean, boolean, string][] = [
  [true, true, "Authorization,Cookie,Host,Content-Type,X-Own"],
  [false, true, "Authorization,Cookie,Host,X-Own"],
  [true, false, "Content-Type,X-Own"],
  [false, false, "X-Own"],
];

for (const [keepsBody, sameOrigin, names] of KEPT) {
  Deno.test(`fieldsAfter() keeps ${names} when body ${keepsBody}, same origin ${sameOrigin}`, () => {
    const kept = fieldsAfter(FIELDS, keepsBody, sameOrigin);
    assertEquals(kept.filter((_, index) => index % 2 === 0).join(), names);
  });
}

Deno.test("readLocation() reads UTF-8 when it is, and leaves Latin-1 alone", () => {
  assertEquals(readLocation("/plain?x=1"), "/plain?x=1");
  assertEquals(readLocation("/caf\u00c3\u00a9"), "/café");
  assertEquals(readLocation("/caf\u00e9"), "/café");
});
