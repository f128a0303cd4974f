import { type Counts, lastLines } from "./test_summary.ts";

/** A command whose success is a condition for the whole. */
export interface Step {
  name: string;
  command: string[];
  /** Folder to run it in, from the root of the project. */
  folder?: string;
  /** Reads the numbers of tests from the output; without it the step counts as one. */
  count?: (output: string) => Counts | undefined;
  /** What is wrong in the output of a command that reports success. */
  complaint?: (output: string) => string | undefined;
}

/** A step that has run. */
export interface StepResult extends Counts {
  name: string;
}

/** No step comes near this; one that does hangs. */
const TIME_LIMIT = 300_000;

/** Of a failed step this much is shown. */
const SHOWN_LINES = 300;

/** Output for a reader that is a program, and installers that say only what went wrong. */
const ENVIRONMENT = { NO_COLOR: "1", npm_config_loglevel: "error", DENO_NO_UPDATE_CHECK: "1" };

interface Outcome {
  success: boolean;
  output: string;
}

async function execute({ command, folder = "." }: Step): Promise<Outcome> {
  const [program = "", ...args] = command;
  const process = new Deno.Command(program, {
    args,
    cwd: folder,
    env: ENVIRONMENT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIME_LIMIT),
  });
  const { success, signal, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  const end = signal === null ? "" : `\nEnded by ${signal} after at most ${TIME_LIMIT} ms\n`;
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) + end };
}

function judge(step: Step, { success, output }: Outcome): Counts {
  if (!step.count) {
    const passed = success && step.complaint?.(output) === undefined;
    return { passed: Number(passed), failed: Number(!passed), skipped: 0 };
  }
  const counts = step.count(output) ?? { passed: 0, failed: 0, skipped: 0 };
  // A run that fails without a failed test has failed at something else, and one that ran no
  // test has tested nothing.
  const isUnexplained = counts.failed === 0 && (!success || counts.passed === 0);
  return isUnexplained ? { ...counts, failed: 1 } : counts;
}

/** Runs a step and says how it went; of a failed one it shows the output. */
export async function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  const outcome = await execute(step);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const counts = judge(step, outcome);
  const tests = step.count ? `: ${counts.passed} passed, ${counts.failed} failed` : "";
  console.log(`${counts.failed > 0 ? "FAILED" : "ok"} ${step.name}${tests} (${seconds}s)`);
  if (counts.failed > 0) {
    console.log(lastLines(outcome.output.trim(), SHOWN_LINES));
    const complaint = step.complaint?.(outcome.output);
    if (complaint) console.log(complaint);
  }
  return { name: step.name, ...counts };
}
