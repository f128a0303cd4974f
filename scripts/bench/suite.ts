/** What a module's benchmark consists of: contestants, cases, targets. One such value per module. */

/** A program that serves a case; the same program runs every case of its suite. */
export interface Contestant {
  readonly name: string;
  readonly runtime: "deno" | "node" | "bun";
  /** The server program, a file of `servers/`. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Flags of the runtime. */
  readonly flags?: readonly string[];
  /** A file the program imports that may not be there yet, and what makes it. */
  readonly needs?: { readonly file: URL; readonly hint: string };
}

/** `contestant` has to do at least `ratio` times the work of `peer`. */
export interface RatioTarget {
  readonly contestant: string;
  readonly peer: string;
  readonly ratio: number;
}

/** The 99th percentile of `contestant` may be at most `p99` times that of `peer`. */
export interface LatencyTarget {
  readonly contestant: string;
  readonly peer: string;
  readonly p99: number;
}

/** The resident memory of `contestant` after its rounds may be at most `memory` times that of `peer`. */
export interface MemoryTarget {
  readonly contestant: string;
  readonly peer: string;
  readonly memory: number;
}

/** Any of them. */
export type Target = RatioTarget | LatencyTarget | MemoryTarget;

/** Requests that wrk repeats on each of its connections as fast as they are answered. */
export interface WrkLoad {
  readonly connections: number;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** Requests that are sent together, before any of them is answered. */
  readonly pipelined: number;
  /** The content that every server has to answer with. */
  readonly expected: string;
}

/** Who takes part in a case, and the role its server plays there. */
export interface Entrant {
  readonly contestant: string;
  readonly role: string;
  /** Shown instead of the contestant's name when it takes part in two ways. */
  readonly label?: string;
}

export interface SpeedCase {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** A key of the generator's loads, or what wrk is to ask. */
  readonly load: string | WrkLoad;
  /** Whether the server's memory after each round is shown. */
  readonly showsMemory?: boolean;
  readonly entrants: readonly Entrant[];
  readonly targets: readonly Target[];
}

/** Memory of idle clients: the level with `baseline + clients` of them above that with `baseline`. */
export interface MemoryCase {
  readonly name: string;
  readonly title: string;
  readonly load: string;
  readonly baseline: number;
  readonly clients: number;
  readonly entrants: readonly Entrant[];
  /** Most KiB of resident memory that one client may cost, by label; or the label not to exceed. */
  readonly limits: Readonly<Record<string, number | string>>;
}

export interface Suite {
  readonly name: string;
  readonly contestants: readonly Contestant[];
  readonly speed: readonly SpeedCase[];
  readonly memory: readonly MemoryCase[];
}

/** The name under which an entrant appears in tables and targets. */
export function labelOf(entrant: Entrant): string {
  return entrant.label ?? entrant.contestant;
}
