/** Every case of `_testing/http_cases/` against the server of this module. */

import { assertEquals } from "@std/assert";
import { makeHandler, type ResponseClass } from "../_testing/http_cases/handler.ts";
import { HASTY_TIMEOUTS, SMALL_LIMITS } from "../_testing/http_cases/limits.ts";
import { describe, runCases } from "../_testing/http_cases/runner.ts";
import { SERVER_CASES } from "../_testing/http_cases/server_cases.ts";
import { Stage } from "../_testing/http_cases/stage.ts";
import type { Case, Setup } from "../_testing/http_cases/case.ts";
import { Response as LightResponse, serve, type ServeOptions } from "./mod.ts";

const SETUPS: Readonly<Record<Setup, ServeOptions>> = {
  default: {},
  small: { limits: SMALL_LIMITS },
  hasty: { timeouts: HASTY_TIMEOUTS },
};

/** Long enough for a busy machine, and never waited for unless a case fails. */
const PATIENCE = 10_000;

async function failuresOf(
  setup: Setup,
  cases: readonly Case[],
  Class: ResponseClass,
): Promise<string[]> {
  const stage = new Stage();
  const onError = () => new Class("failed", { status: 500 });
  const options = { ...SETUPS[setup], port: 0, hostname: "127.0.0.1", onError };
  await using server = serve(options, makeHandler(stage, Class));
  const { port = 0 } = await server.opened;
  const target = { port, stage, strict: true, patience: PATIENCE };
  return (await runCases(target, cases)).map(describe);
}

for (const [name, cases] of Object.entries(SERVER_CASES)) {
  for (const setup of ["default", "small", "hasty"] as const) {
    const chosen = cases.filter((one) => (one.setup ?? "default") === setup);
    if (chosen.length === 0) continue;
    Deno.test(`serve() conforms in ${name} when its setup is ${setup}`, async () => {
      const failures = await failuresOf(setup, chosen, LightResponse as unknown as ResponseClass);
      assertEquals(failures, []);
    });
  }
}

Deno.test("serve() conforms in its responses when they are the platform's", async () => {
  const cases = (SERVER_CASES["responses"] ?? []).map((one) => ({ ...one, once: true as const }));
  assertEquals(await failuresOf("default", cases, Response), []);
});
