/**
 * Coarse shared timers. Ten thousand idle timeouts cost one timer of the runtime: deadlines are
 * rounded up into buckets of about a sixteenth of their duration, only the earliest bucket has a
 * timer, and activity on a connection just notes the time (`touch`); the deadline moves when its
 * bucket comes due. While there is activity, another timer says how long the time that was read
 * last is good enough.
 *
 * @module
 */

/** Where time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /**
   * Calls back once after `ms` milliseconds; it holds the process only if `hold` says so. Gives the
   * way to stop it.
   */
  schedule(callback: () => void, ms: number, hold?: boolean): () => void;
  /** Calls back in the next turn of the event loop. */
  defer(callback: () => void): void;
}

/**
 * An alarm that is so late, in ms, says that the program kept the event loop from turning: what came
 * in meanwhile was not seen, or was seen at a time that stood still.
 */
const LATE = 1000;

/** Below this, rounding would cost more wake-ups than it saves. */
const FINEST_STEP = 4;

/** A time in ms that any clock can be set to: for an alarm whose coming is of no interest. */
const LONG = 24 * 60 * 60 * 1000;

/** How old the time that `roughNow()` gives may be, in ms. */
const TICK = 64;
/** Timeouts from here on are counted from a rough time: reading the clock costs more than the rest. */
const ROUGH_FROM = 16 * TICK;

/** The width of a bucket: the power of two at or below a sixteenth of the duration. */
function stepFor(duration: number): number {
  return Math.max(FINEST_STEP, 2 ** Math.floor(Math.log2(Math.max(1, duration) / 16)));
}

/** Who has timeouts: an object that is there anyway costs each of them less than a closure. */
export interface TimeoutOwner {
  /** The time of a timeout is over. */
  onExpired(timeout: Timeout): void;
}

/** A set of timeouts that share one timer of the clock. */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Set<Timeout>>();
  #cancel: (() => void) | null = null;
  #dueAt = Infinity;
  /** The time at the last tick; NaN when it is too old. */
  #rough = NaN;
  #cancelTick: (() => void) | null = null;
  /** How many want the process to stay. */
  #holds = 0;
  #endHold: (() => void) | null = null;
  /** What waits for the next turn; one callback of the clock serves all of it. */
  #deferred: (() => void)[] = [];

  /** Makes an empty queue on a clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The clock's time in milliseconds. */
  now(): number {
    return this.#clock.now();
  }

  /** The clock's time, or one that is up to `TICK` ms before it; for what is asked all the time. */
  roughNow(): number {
    return this.#rough === this.#rough ? this.#rough : this.#tick();
  }

  /** The time from which a duration in ms is counted, for it not to end early. */
  startOf(duration: number): number {
    return duration >= ROUGH_FROM ? this.roughNow() + TICK : this.#clock.now();
  }

  /** Calls back in the next turn of the event loop, in the order of the calls. */
  defer(callback: () => void): void {
    if (this.#deferred.push(callback) === 1) this.#clock.defer(this.#runDeferred);
  }

  readonly #runDeferred = (): void => {
    const due = this.#deferred;
    this.#deferred = [];
    let at = 0;
    try {
      while (at < due.length) due[at++]!();
    } finally {
      // One that throws takes nobody's turn away.
      for (const callback of due.slice(at)) this.defer(callback);
    }
  };

  /**
   * Holds the process until the function that it gives is called. Neither a promise nor a timeout
   * does, and so whoever awaits one would not live to see it.
   */
  hold(): () => void {
    if (this.#holds++ === 0) this.#holdOn();
    let held = true;
    return () => {
      if (held && --this.#holds === 0) this.#endHold?.();
      held = false;
    };
  }

  /** Makes a timeout that tells `expired` after `duration` ms without `touch()`; not started. */
  timeout(duration: number, expired: (() => void) | TimeoutOwner): Timeout {
    return new Timeout(this, duration, expired);
  }

  /** For Timeout only: puts it into the bucket of a deadline and gives the bucket's time. */
  insert(timeout: Timeout, deadline: number, duration: number): number {
    const step = stepFor(duration);
    const due = Math.ceil(deadline / step) * step;
    const bucket = this.#buckets.get(due);
    if (bucket === undefined) this.#buckets.set(due, new Set([timeout]));
    else bucket.add(timeout);
    if (due < this.#dueAt) this.#arm(due);
    return due;
  }

  /** For Timeout only: takes it out of its bucket. */
  remove(timeout: Timeout, due: number): void {
    const bucket = this.#buckets.get(due);
    if (bucket === undefined || !bucket.delete(timeout) || bucket.size > 0) return;
    this.#buckets.delete(due);
    // A timer that is armed too early is harmless; one that is left when all is over is a leak.
    if (this.#buckets.size === 0) this.#disarm();
  }

  #holdOn(): void {
    this.#endHold = this.#clock.schedule(() => this.#holdOn(), LONG, true);
  }

  #arm(due: number): void {
    this.#cancel?.();
    this.#dueAt = due;
    this.#cancel = this.#clock.schedule(() => this.#fire(), Math.max(0, due - this.#clock.now()));
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#dueAt = Infinity;
    this.#cancelTick?.();
    this.#endTick();
  }

  #tick(): number {
    const now = this.#clock.now();
    // A queue without timeouts leaves nothing behind in the clock.
    if (this.#buckets.size > 0) {
      this.#rough = now;
      this.#cancelTick = this.#clock.schedule(() => this.#endTick(), TICK);
    }
    return now;
  }

  #endTick(): void {
    this.#rough = NaN;
    this.#cancelTick = null;
  }

  #fire(): void {
    const now = this.#clock.now();
    const late = now - this.#dueAt > LATE;
    this.#cancel = null;
    this.#dueAt = Infinity;
    for (const [due, bucket] of [...this.#buckets]) {
      if (due > now) continue;
      this.#buckets.delete(due);
      for (const timeout of bucket) timeout.comeDue(due, now, late);
    }
    let next = Infinity;
    for (const due of this.#buckets.keys()) if (due < next) next = due;
    if (next === Infinity) this.#disarm();
    else if (next < this.#dueAt) this.#arm(next);
  }
}

/** One timeout of a {@linkcode TimerQueue}. Starting, touching and stopping it are cheap. */
export class Timeout {
  readonly #queue: TimerQueue;
  readonly #expired: (() => void) | TimeoutOwner;
  #duration: number;
  /** The bucket it waits in; NaN while it does not run. */
  #due = NaN;
  #deadline = 0;

  /** Made by `TimerQueue.timeout()`. */
  constructor(queue: TimerQueue, duration: number, expired: (() => void) | TimeoutOwner) {
    this.#queue = queue;
    this.#duration = duration;
    this.#expired = expired;
  }

  /** Whether it runs. */
  get active(): boolean {
    return this.#due === this.#due;
  }

  /** Starts it, or starts it anew. */
  start(): void {
    this.#deadline = this.#queue.startOf(this.#duration) + this.#duration;
    if (!this.active) this.#due = this.#queue.insert(this, this.#deadline, this.#duration);
  }

  /** Puts the deadline off to a full duration from now; starts it if it does not run. */
  touch(): void {
    this.start();
  }

  /** Starts it anew with another duration in ms: one timeout serves the phases of a connection. */
  startWith(duration: number): void {
    this.#duration = duration;
    this.#deadline = this.#queue.startOf(duration) + duration;
    if (this.active) {
      if (this.#due <= this.#deadline) return; // It moves on when its bucket comes due.
      this.#queue.remove(this, this.#due);
      this.#due = NaN;
    }
    if (duration < Infinity) this.#due = this.#queue.insert(this, this.#deadline, duration);
  }

  /** Puts it off without an end, for less than `stop()` costs, until it is started again. */
  suspend(): void {
    this.#deadline = Infinity;
  }

  /** Stops it. */
  stop(): void {
    if (!this.active) return;
    this.#queue.remove(this, this.#due);
    this.#due = NaN;
  }

  /**
   * For the queue only: a bucket came due; it expires unless it was touched or stopped. When that
   * comes late, all of its time begins anew: nobody is to blame for what was not seen.
   */
  comeDue(due: number, now: number, late: boolean): void {
    if (this.#due !== due) return;
    this.#due = NaN;
    if (this.#deadline === Infinity) return;
    if (late) this.#deadline = Math.max(this.#deadline, now + this.#duration);
    if (this.#deadline > now) {
      this.#due = this.#queue.insert(this, this.#deadline, this.#duration);
    } else if (typeof this.#expired === "function") {
      this.#expired();
    } else {
      this.#expired.onExpired(this);
    }
  }
}
