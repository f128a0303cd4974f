/** Chromium with one page open, which reports by itself: no library steers it. @module */

/** The first that is there is taken. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/** Time in ms for the browser to start and the page to report. */
const LONGEST = 60_000;

/** Without these it asks hosts that are not there, and wants a sandbox that root cannot have. */
const SWITCHES = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function start(url: string, profile: string): Deno.ChildProcess | null {
  const args = [...SWITCHES, `--user-data-dir=${profile}`, "--remote-debugging-port=0", url];
  for (const program of PROGRAMS) {
    try {
      return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

/** Rejects when the browser ends, or the time is up, before it has reported. */
async function within<T>(child: Deno.ChildProcess, reported: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("Cannot wait longer")), LONGEST);
  const ended = child.status.then(({ code }) => {
    throw new Error(`Chromium ended with ${code}`);
  });
  ended.catch(() => {});
  try {
    return await Promise.race([reported, late.promise, ended]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a page until it has reported; gives the report, or null where there is no Chromium. */
export async function browse<T>(url: string, reported: Promise<T>): Promise<T | null> {
  const profile = await Deno.makeTempDir({ prefix: "netstd-browser-" });
  const child = start(url, profile);
  try {
    return child === null ? null : await within(child, reported);
  } finally {
    if (child !== null) {
      child.kill("SIGKILL");
      await child.status;
    }
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}
