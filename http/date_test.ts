import { assert, assertEquals } from "@std/assert";
import { httpDate } from "./date.ts";

Deno.test("httpDate() gives the present second as an IMF-fixdate when asked twice", () => {
  const text = httpDate();
  // RFC 9110, section 5.6.7.
  assert(
    /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text),
  );
  assert(Math.abs(Date.parse(text) - Date.now()) < 5000);
  assertEquals(httpDate().length, text.length);
});
