import { assertEquals } from "@std/assert";
import { refusal } from "./refusal.ts";

const HEAD = "date: now\r\nconnection: close\r\ncontent-type: text/plain;charset=UTF-8\r\n";

Deno.test("refusal() says why, and that the connection ends", () => {
  assertEquals(
    refusal(414, "Too long", "now", true),
    `HTTP/1.1 414 URI Too Long\r\n${HEAD}content-length: 9\r\n\r\nToo long\n`,
  );
});

Deno.test("refusal() says the usual phrase when there is no more to say", () => {
  assertEquals(
    refusal(400, "", "now", true),
    `HTTP/1.1 400 Bad Request\r\n${HEAD}content-length: 12\r\n\r\nBad Request\n`,
  );
});

Deno.test("refusal() has no content when it answers HEAD", () => {
  assertEquals(
    refusal(400, "Bad", "now", false),
    `HTTP/1.1 400 Bad Request\r\n${HEAD}content-length: 4\r\n\r\n`,
  );
});
