/** Folders that hold nothing of ours. */
const FOREIGN = new Set(["npm", "node_modules", "coverage"]);

const SOURCE = /\.(ts|cjs)$/;

/** Path of the project's root, with a slash at the end. */
export const ROOT: string = decodeURIComponent(new URL("..", import.meta.url).pathname);

async function search(folder: string, found: string[]): Promise<void> {
  for await (const entry of Deno.readDir(ROOT + folder)) {
    if (entry.name.startsWith(".") || FOREIGN.has(entry.name)) continue;
    const path = folder + entry.name;
    if (entry.isDirectory) await search(`${path}/`, found);
    else if (SOURCE.test(path)) found.push(path);
  }
}

/** The paths of all our sources from the root of the project, sorted. */
export async function sourcePaths(): Promise<string[]> {
  const found: string[] = [];
  await search("", found);
  return found.sort();
}

/** Tells whether a path is that of a test. `x.test.ts` runs in Deno only, `x_test.ts` in both. */
export function isTest(path: string): boolean {
  return /[._]test\.ts$/.test(path);
}

/** Whether a file is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
