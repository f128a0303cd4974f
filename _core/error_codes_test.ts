import { assert, assertEquals, assertMatch } from "@std/assert";
import { ERROR_CODES, type ErrorCodeInfo } from "./error_codes.ts";

const rows: [string, ErrorCodeInfo][] = Object.entries(ERROR_CODES);

Deno.test("ERROR_CODES blame the system for the codes that are the system's", () => {
  for (const [code, { kind }] of rows) {
    assert(code.startsWith("ERR_") || kind === "transport", code);
  }
});

Deno.test("ERROR_CODES say what each code means in one line that can stand in a table", () => {
  const meanings = rows.map(([, { meaning }]) => meaning);
  for (const meaning of meanings) assertMatch(meaning, /^\w[^|\n]+[^.|\n]$/);
  assertEquals(new Set(meanings).size, meanings.length);
});

Deno.test("ERROR_CODES make language errors of wrong arguments only", () => {
  for (const [code, { kind, base }] of rows) assert(base === "Error" || kind === "usage", code);
});
