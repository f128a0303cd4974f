import { urlOf } from "./paths.ts";

/** One segment of a glob (stars and braces) as an expression for one name. */
function segmentPattern(segment: string): RegExp {
  const body = segment
    .replace(/[.+^$()|[\]\\?]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("{", "(?:").replaceAll("}", ")").replaceAll(",", "|");
  return new RegExp(`^${body}$`);
}

async function search(folder: string, segments: string[], found: Set<string>): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  // "**" stands for no folder as well as for any chain of them.
  if (segment === "**") await search(folder, rest, found);
  const pattern = segment === "**" ? /^/ : segmentPattern(segment);
  for await (const entry of Deno.readDir(folder)) {
    if (!pattern.test(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await search(path, segment === "**" ? segments : rest, found);
    if (entry.isFile && segment !== "**" && rest.length === 0) found.add(urlOf(path));
  }
}

/** The modules below the working directory that match the glob, as `file:` URLs. */
export async function findTests(glob: string): Promise<string[]> {
  const found = new Set<string>();
  await search(Deno.cwd(), glob.split("/"), found);
  return [...found].sort();
}
