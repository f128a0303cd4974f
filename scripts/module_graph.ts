import type { ModuleImports } from "./check_layers.ts";
import { ROOT } from "./project_files.ts";

interface Target {
  specifier?: string;
  span?: { start: { line: number } };
}

/** The part of the output of `deno info --json` that is read here. */
export interface GraphInfo {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: Target; type?: Target; isDynamic?: boolean }[];
  }[];
}

/**
 * What the modules import, as paths of the project. A package keeps the name that the source has
 * for it, whether it comes from a registry or from a linked folder.
 */
export function importsOf(info: GraphInfo, root: string, paths: string[]): ModuleImports[] {
  const base = `file://${encodeURI(root)}`;
  const links = `${base}scripts/jsr_links/`;
  const modules = new Map(info.modules.map((module) => [module.specifier, module]));
  return paths.map((path) => {
    const { dependencies = [] } = modules.get(base + encodeURI(path)) ?? {};
    const imports = dependencies.map(({ specifier, code, type, isDynamic = false }) => {
      const url = code?.specifier ?? type?.specifier ?? specifier;
      const isRelative = /^\.{0,2}\//.test(specifier);
      const isOwn = url.startsWith(base) && (isRelative || !url.startsWith(links));
      const target = isOwn ? decodeURI(url.slice(base.length)) : specifier;
      const line = (code?.span ?? type?.span)?.start.line ?? 0;
      return { target, line: line + 1, loads: code !== undefined && !isDynamic };
    });
    return { path, imports };
  });
}

/** Asks Deno what the modules import. */
export async function readImports(paths: string[]): Promise<ModuleImports[]> {
  // `deno info` takes one module, so one that imports all of them is made for it.
  const all = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = paths.map((path) => `import "file://${encodeURI(ROOT + path)}";\n`);
    await Deno.writeTextFile(all, lines.join(""));
    const args = ["info", "--json", "--config", `${ROOT}deno.json`, all];
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return importsOf(JSON.parse(new TextDecoder().decode(stdout)), ROOT, paths);
  } finally {
    await Deno.remove(all);
  }
}
