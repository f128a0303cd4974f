/**
 * Server and generator each on a core of its own: on a shared core the two would take turns, and
 * the scheduler's choices would be the result. Without taskset (or a second core) they run unpinned.
 */
export interface Pinning {
  readonly pinned: boolean;
  server(command: readonly string[]): string[];
  generator(command: readonly string[]): string[];
}

async function canPin(core: number): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("taskset", {
      args: ["-c", `${core}`, "true"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

export async function findPinning(): Promise<Pinning> {
  const pinned = await canPin(0) && await canPin(1);
  const on = (core: number) => (command: readonly string[]) =>
    pinned ? ["taskset", "-c", `${core}`, ...command] : [...command];
  return { pinned, server: on(0), generator: on(1) };
}
