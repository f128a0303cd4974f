import type { Graph } from "./graph.ts";
import { commonFolder } from "./paths.ts";
import { fromFileUrl, toFileUrl } from "./urls.ts";

interface LinkedPackage {
  /** `@scope/name/version`. */
  label: string;
  /** URL of its folder, with a slash at the end. */
  folder: string;
}

/** The packages that `links` of the configuration puts in the place of published ones. */
async function linkedPackages(): Promise<LinkedPackage[]> {
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  const links: string[] = config.links ?? [];
  return await Promise.all(links.map(async (link) => {
    const path = new URL(link, toFileUrl(`${Deno.cwd()}/`)).pathname.replace(/\/$/, "");
    const { name, version } = JSON.parse(await Deno.readTextFile(`${path}/deno.json`));
    return { label: `${name}/${version}`, folder: toFileUrl(`${path}/`) };
  }));
}

/** Where each module lands below `src/`: a package of JSR under `deps/`, the rest as it lies. */
export async function layOut(entryPoints: string[], graph: Graph): Promise<Map<string, string>> {
  const linked = await linkedPackages();
  const packageOf = (url: string) => linked.find(({ folder }) => url.startsWith(folder));
  const own = [...graph.keys()].filter((url) => !packageOf(url));
  const base = commonFolder([...entryPoints, ...own]);
  return new Map([...graph.keys()].map((url) => {
    const found = packageOf(url);
    const place = found
      ? `deps/jsr.io/${found.label}/${url.slice(found.folder.length)}`
      : fromFileUrl(url).slice(base.length);
    return [url, place];
  }));
}
