/** Every client case of `_testing/http_cases/` against the client of this module. */

import { assertEquals } from "@std/assert";
import { ANSWERS } from "../_testing/http_cases/client_answers.ts";
import { CALLS } from "../_testing/http_cases/client_calls.ts";
import { CHUNKS } from "../_testing/http_cases/client_chunks.ts";
import { CODED } from "../_testing/http_cases/client_codings.ts";
import { FRAMING } from "../_testing/http_cases/client_framing.ts";
import { HEADS } from "../_testing/http_cases/client_heads.ts";
import { SAID } from "../_testing/http_cases/client_requests.ts";
import { runClientCases } from "../_testing/http_cases/client_runner.ts";
import { HttpClient } from "./client.ts";

const SUITE = {
  answers: ANSWERS,
  chunks: CHUNKS,
  calls: CALLS,
  codings: CODED,
  framing: FRAMING,
  heads: HEADS,
  said: SAID,
};

function makeFetch() {
  const client = new HttpClient();
  return {
    fetch: (url: string, init: RequestInit) => client.fetch(url, init as object),
    close: () => client.close(),
  };
}

for (const [name, cases] of Object.entries(SUITE)) {
  Deno.test(`HttpClient conforms when a server sends the cases of ${name}`, async () => {
    const failures = await runClientCases(makeFetch, cases, { strict: true, patience: 10_000 });
    assertEquals(failures.map(({ text }) => text), []);
  });
}
