import { Child } from "./child.ts";
import type { Pinning } from "./pinning.ts";
import type { Contestant } from "./suite.ts";

/** A server that is running and has told its port. */
export interface RunningServer {
  readonly child: Child;
  readonly port: number;
}

/** Bun as its package of npm brings it. */
export const BUN = {
  file: new URL("node_modules/bun/bin/bun.exe", import.meta.url),
  hint: "run deno task bench:peers",
};

async function exists(file: URL): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch {
    return false;
  }
}

/** The version Node gives, or undefined where there is no Node. */
export async function nodeVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined;
  }
}

/** Why a contestant cannot take part, or undefined when it can. */
export async function obstacle(
  contestant: Contestant,
  node: string | undefined,
): Promise<string | undefined> {
  if (contestant.runtime === "node" && node === undefined) return "there is no node to run it";
  const needs = contestant.needs;
  if (needs !== undefined && !await exists(needs.file)) {
    return `${needs.file.pathname.split("/").slice(-3).join("/")} is missing (${needs.hint})`;
  }
  return undefined;
}

/** The full command; the collector is exposed so that memory can be read at rest. */
function commandOf(contestant: Contestant, role: string): string[] {
  const program = new URL(`servers/${contestant.program}`, import.meta.url).pathname;
  const rest = [program, role, ...contestant.args ?? []];
  if (contestant.runtime === "node") return ["node", "--expose-gc", ...rest];
  if (contestant.runtime === "bun") return [BUN.file.pathname, "--expose-gc", ...rest];
  const flags = ["-A", "--v8-flags=--expose-gc", ...contestant.flags ?? []];
  return [Deno.execPath(), "run", ...flags, ...rest];
}

export async function startServer(
  contestant: Contestant,
  role: string,
  pinning: Pinning,
): Promise<RunningServer> {
  const child = new Child(pinning.server(commandOf(contestant, role)));
  try {
    const { port } = await child.next<{ port: number }>();
    return { child, port };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw new Error(`${contestant.name} did not start in the role ${role}`, { cause: error });
  }
}

export function startGenerator(pinning: Pinning): Child {
  const program = new URL("generator.ts", import.meta.url).pathname;
  return new Child(pinning.generator([Deno.execPath(), "run", "-A", "--unstable-net", program]));
}
