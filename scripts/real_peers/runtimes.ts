/** The runtimes that the tasks run our side in: Deno by the sources, Node by the npm build. @module */

/** One of them. */
export interface Runtime {
  readonly name: string;
  /** What runs a program. */
  readonly command: readonly string[];
  /** Where our modules lie, seen from `scripts/real_peers/programs/`. */
  module(name: string): string;
}

const BUILD = new URL("../../npm/esm/mod.js", import.meta.url);

const DENO: Runtime = {
  name: "Deno",
  command: [Deno.execPath(), "run", "-A"],
  module: (name) => `../../../${name}/mod.ts`,
};

const NODE: Runtime = {
  name: "Node",
  command: ["node"],
  module: (name) => `../../../npm/esm/${name}/mod.js`,
};

async function isThere(path: URL): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Both. Without a build for Node there is nothing to run there, which is an error. */
export async function runtimes(): Promise<readonly Runtime[]> {
  if (!await isThere(BUILD)) {
    throw new Error("Cannot run in Node: build the npm package first (deno task build:npm)");
  }
  return [DENO, NODE];
}

/** The path of one of the programs beside this file. */
export function programPath(name: string): string {
  return decodeURIComponent(new URL(`./programs/${name}`, import.meta.url).pathname);
}

/** Counts, and tells, what passed. */
export class Tally {
  passed = 0;
  failed = 0;

  /** Runs a case; one that takes longer than `longest` ms has failed. */
  async run(name: string, body: () => Promise<void>, longest = 30_000): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`It took more than ${longest} ms`)), longest);
    });
    try {
      await Promise.race([body(), late]);
      this.passed += 1;
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED ${name}: ${error instanceof Error ? error.message : error}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last line; gives the code to exit with. */
  end(): number {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}
