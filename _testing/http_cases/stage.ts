/**
 * Where a case and the handler that serves it meet, in one process: the handler notes what it saw
 * and waits at a gate; the case reads the notes and opens the gate. Each run of a case has a key of
 * its own, which stands in its targets in place of {@linkcode KEY}.
 *
 * @module
 */

/** The placeholder in the bytes of a case, as long as what it becomes. */
export const KEY = "KEYKEY";

class Place {
  readonly notes: string[] = [];
  readonly waiting: (() => void)[] = [];
  #open = false;
  #atGate: (() => void)[] = [];

  note(text: string): void {
    this.notes.push(text);
    for (const wake of this.waiting.splice(0)) wake();
  }

  pass(): Promise<void> {
    this.note("gate");
    if (this.#open) return Promise.resolve();
    return new Promise((resolve) => this.#atGate.push(resolve));
  }

  open(): void {
    this.#open = true;
    for (const resolve of this.#atGate.splice(0)) resolve();
  }
}

/** The notes and gates of all runs. */
export class Stage {
  readonly #places = new Map<string, Place>();
  #last = 0;

  /** A key for one run. */
  newKey(): string {
    const key = String(++this.#last).padStart(KEY.length, "0");
    this.#places.set(key, new Place());
    return key;
  }

  /** The key within a target, or "". */
  static keyIn(target: string): string {
    return /k=(\d{6})/.exec(target)?.[1] ?? "";
  }

  /** Writes down what the handler saw. */
  note(key: string, text: string): void {
    this.#places.get(key)?.note(text);
  }

  /** What has been noted. */
  notes(key: string): readonly string[] {
    return this.#places.get(key)?.notes ?? [];
  }

  /** Calls back at the next note. */
  onNote(key: string, wake: () => void): void {
    this.#places.get(key)?.waiting.push(wake);
  }

  /** The handler waits here until {@linkcode open}. */
  pass(key: string): Promise<void> {
    return this.#places.get(key)?.pass() ?? Promise.resolve();
  }

  /** Lets the handler go on, now and later. */
  open(key: string): void {
    this.#places.get(key)?.open();
  }

  /** Forgets a run; a handler that still waits goes on. */
  drop(key: string): void {
    this.open(key);
    this.#places.delete(key);
  }
}
