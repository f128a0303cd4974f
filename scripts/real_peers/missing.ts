/** A peer that is not there. @module */

/** The status of a task that could not do what it is for; 1 is that of one that failed. */
const NOTHING_TESTED = 2;

/** Says that nothing was tested, and why; gives the task's status: it has not passed. */
export function missing(peer: string, debian: string): number {
  console.error(
    `skipped, nothing was tested: there is no ${peer} here (apt-get install ${debian})`,
  );
  return NOTHING_TESTED;
}

/** Whether a program is there that tells its version. */
export async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
