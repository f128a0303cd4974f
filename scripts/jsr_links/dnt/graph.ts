/** One import of a module: the text in the source and the module it means. */
interface Dependency {
  specifier: string;
  code?: { specifier?: string; error?: string };
  type?: { specifier?: string; error?: string };
}

interface ModuleInfo {
  specifier: string;
  local?: string;
  error?: string;
  dependencies?: Dependency[];
}

interface GraphInfo {
  modules: ModuleInfo[];
  redirects: Record<string, string>;
}

/** A module of the build and what each of its import texts leads to. */
export interface Module {
  url: string;
  imports: Map<string, string>;
}

/** The modules that the roots reach, in the order in which they are found. */
export type Graph = Map<string, Module>;

/** Asks Deno for the module graph of the roots. */
async function inspect(roots: string[]): Promise<GraphInfo> {
  const root = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(root, roots.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const command = new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", "deno.json", root],
    });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`Cannot read the module graph: ${decoder.decode(stderr)}`);
    return JSON.parse(decoder.decode(stdout));
  } finally {
    await Deno.remove(root);
  }
}

/** The module graph of several roots, with some modules replaced by others. */
export class ModuleGraph {
  readonly #modules: Map<string, ModuleInfo>;
  readonly #redirects: Record<string, string>;
  readonly #mappings: Map<string, string>;
  readonly #used = new Set<string>();

  constructor(info: GraphInfo, mappings: Map<string, string>) {
    this.#modules = new Map(info.modules.map((module) => [module.specifier, module]));
    this.#redirects = info.redirects;
    this.#mappings = mappings;
  }

  /** Loads what the roots and the replacements reach. */
  static async load(roots: string[], mappings: Map<string, string>): Promise<ModuleGraph> {
    return new ModuleGraph(await inspect([...roots, ...mappings.values()]), mappings);
  }

  /** Collects the modules that the roots reach, without those that `known` already has. */
  reach(roots: string[], known: Graph = new Map()): Graph {
    const found: Graph = new Map();
    const waiting = [...roots];
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      if (found.has(url) || known.has(url)) continue;
      const module = this.#module(url);
      found.set(url, module);
      waiting.push(...[...module.imports.values()].filter((target) => target.startsWith("file:")));
    }
    return found;
  }

  /** Throws if a replacement was never needed: then its name is out of date. */
  assertMappingsUsed(): void {
    for (const from of this.#mappings.keys()) {
      if (!this.#used.has(from)) {
        throw new Error(`Cannot map a module that nothing imports: ${from}`);
      }
    }
  }

  #module(url: string): Module {
    const info = this.#modules.get(url);
    if (!info || info.error) throw new Error(info?.error ?? `Cannot find the module ${url}`);
    const imports = (info.dependencies ?? []).map((dependency): [string, string] => [
      dependency.specifier,
      this.#target(dependency, url),
    ]);
    return { url, imports: new Map(imports) };
  }

  #target({ specifier, code, type }: Dependency, from: string): string {
    const resolved = code?.specifier ?? type?.specifier;
    if (resolved === undefined) {
      const reason = code?.error ?? type?.error ?? "it has no target";
      throw new Error(`Cannot resolve "${specifier}" of ${from}: ${reason}`);
    }
    const target = this.#redirects[resolved] ?? resolved;
    const replacement = this.#mappings.get(target);
    if (replacement === undefined) return target;
    this.#used.add(target);
    return replacement;
  }
}
