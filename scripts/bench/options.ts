/** The command line of the benchmark. */

export interface BenchOptions {
  readonly suite: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Case names to run; empty for all. */
  readonly only: readonly string[];
  /** Servers to measure; empty for all. */
  readonly servers: readonly string[];
}

export const USAGE =
  `usage: deno task bench <module> [--rounds 5] [--seconds 1.5] [--only case,case] [--servers name,name]`;

function positive(flag: string, text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`${flag} needs a positive number, got ${text}\n${USAGE}`);
  return value;
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}

/** Reads `tcp --rounds 5 --only ping,bulk`; flags may also be written `--rounds=5`. */
export function parseOptions(args: readonly string[]): BenchOptions {
  let suite = "";
  let rounds = 5;
  let seconds = 1.5;
  let only: string[] = [];
  let servers: string[] = [];
  const words = args.flatMap((word) => word.startsWith("--") ? word.split("=", 2) : [word]);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--rounds") rounds = Math.ceil(positive(word, words[++i]));
    else if (word === "--seconds") seconds = positive(word, words[++i]);
    else if (word === "--only") only = list(words[++i]);
    else if (word === "--servers") servers = list(words[++i]);
    else if (suite === "" && !word.startsWith("--")) suite = word;
    else throw new TypeError(`Unknown argument ${word}\n${USAGE}`);
  }
  if (suite === "") throw new TypeError(USAGE);
  return { suite, rounds, seconds, only, servers };
}
