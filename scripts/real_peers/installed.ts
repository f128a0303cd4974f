/** Packages that only a task needs, in a folder of their own for its run. @module */

/** Installs packages of npm; a task without them has failed. */
export async function installed(packages: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "netstd-packages-" });
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, ...packages],
    stdout: "null",
  }).output();
  if (success) return folder;
  await Deno.remove(folder, { recursive: true });
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot install ${packages.join(", ")}: ${reason}`);
}
