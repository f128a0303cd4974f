/**
 * The file of a listening Unix socket. When they close the socket, both runtimes remove whatever is at
 * its path, be it the file of another server by now: that one is put aside meanwhile.
 *
 * @module
 */

/** What is done with files, by one runtime's means. */
export interface FileAccess {
  /** What tells the file at a path from every other; undefined where there is none. */
  identify(path: string): string | undefined;
  /** Gives a file another path. */
  rename(from: string, to: string): void;
}

/** See the module's text. */
export class SocketFile {
  readonly #path: string;
  readonly #access: FileAccess;
  readonly #own: string | undefined;

  /** Takes note of the file that a socket has just made; a name that starts with a zero has none. */
  constructor(path: string, access: FileAccess) {
    this.#path = path;
    this.#access = access;
    this.#own = path.startsWith("\0") ? undefined : access.identify(path);
  }

  /** Closes the socket, and keeps a file that is not its own. */
  async whileClosing(close: () => Promise<void>): Promise<void> {
    const aside = this.#putAside();
    try {
      await close();
    } finally {
      if (aside !== null) this.#access.rename(aside, this.#path);
    }
  }

  #putAside(): string | null {
    const now = this.#own === undefined ? undefined : this.#access.identify(this.#path);
    if (now === undefined || now === this.#own) return null;
    const aside = `${this.#path}.${crypto.randomUUID().slice(0, 8)}`;
    try {
      this.#access.rename(this.#path, aside);
      return aside;
    } catch {
      // A socket that stays open would be worse than a file that goes.
      return null;
    }
  }
}
