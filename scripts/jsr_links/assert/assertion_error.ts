/** The error that a failed assertion throws. */
export class AssertionError extends Error {
  /** Takes the message as it is. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Ends a sentence of ours with the caller's own words, or with a full stop. */
export function suffix(message: string | undefined): string {
  return message ? `: ${message}` : ".";
}
