import { assertEquals } from "@std/assert";
import { planResponse, type ResponseContext } from "./response_plan.ts";
import { textLength, wholeText } from "./whole_text.ts";

const HEADERS: readonly string[] = Object.freeze(["x", "y"]);

function respond(content: string, status: number, date: string): string {
  const context: ResponseContext = {
    method: "GET",
    minor: 1,
    keepAlive: true,
    keepAliveLines: "",
    date: () => date,
  };
  const message = { status, statusText: "", headers: HEADERS };
  return wholeText(planResponse(message, textLength(content), context), content);
}

Deno.test("wholeText() gives head and content when one of them changes, and when none does", () => {
  for (const content of ["one", "two", "two", "\u20ac", "one", "", "x".repeat(20_000)]) {
    for (const status of [200, 200, 404]) {
      for (const date of ["now", "now", "then"]) {
        const length = new TextEncoder().encode(content).length;
        const reason = status === 200 ? "OK" : "Not Found";
        const head = `HTTP/1.1 ${status} ${reason}\r\nx: y\r\ndate: ${date}\r\n`;
        const wanted = `${head}content-length: ${length}\r\n\r\n${content}`;
        assertEquals(respond(content, status, date), wanted);
      }
    }
  }
});

Deno.test("textLength() gives the bytes of UTF-8 when a text is new, or was asked about before", () => {
  for (const text of ["a", "a", "\u20ac", "\u20ac", "b", ""]) {
    assertEquals(textLength(text), new TextEncoder().encode(text).length);
  }
});
