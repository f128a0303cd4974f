import { fromFileUrl, toFileUrl } from "./urls.ts";

/** The folder of a path, without a slash at the end; `""` for the root. */
export function dirname(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** An absolute path as seen from the working directory, as a `file:` URL. */
export function urlOf(path: string): string {
  return toFileUrl(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
}

/** The way from one module to another as an import writes it: `./x.js`, `../y/x.js`. */
export function relativeImport(from: string, to: string): string {
  const here = dirname(from).split("/").filter(Boolean);
  const there = to.split("/").filter(Boolean);
  let common = 0;
  while (common < here.length && here[common] === there[common]) common++;
  const up = "../".repeat(here.length - common);
  return (up || "./") + there.slice(common).join("/");
}

/** Writes a file and the folders above it. */
export async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** The longest folder that holds all the modules, as a path with a slash at the end. */
export function commonFolder(urls: string[]): string {
  const paths = urls.map(fromFileUrl);
  let folder = dirname(paths[0] ?? "/");
  while (paths.some((path) => !path.startsWith(`${folder}/`))) folder = dirname(folder);
  return `${folder}/`;
}
