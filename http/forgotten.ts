/** Responses that nobody can read any more, since nobody holds them. @module */

/** Who waits for a response to be read. */
export interface Waiting {
  /** Nobody holds the response any more. */
  forgotten(): void;
}

const registry = new FinalizationRegistry((waiting: Waiting) => waiting.forgotten());

/** A response, as long as somebody else holds it. */
export class ResponseWatch {
  readonly #response: WeakRef<object>;
  #watched = false;

  /** Remembers a response, which costs little. */
  constructor(response: object) {
    this.#response = new WeakRef(response);
  }

  /** Tells when nobody holds it any more; that may be at once, late, or never. */
  watch(waiting: Waiting): void {
    if (this.#watched) return;
    this.#watched = true;
    const response = this.#response.deref();
    if (response === undefined) waiting.forgotten();
    else registry.register(response, waiting, this);
  }

  /** Tells no more. */
  stop(): void {
    if (this.#watched) registry.unregister(this);
    this.#watched = true;
  }
}
