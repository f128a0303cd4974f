/** Types of the platform that not every set of its declarations names. @module */

/** What the platform's `Headers` can be made of. */
export type HeadersInput = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** What the body of the platform's `Response` can be made of. */
export type BodyInput = NonNullable<ConstructorParameters<typeof globalThis.Response>[0]>;

/** What else makes a `Response`. */
export interface ResponseInput {
  /** The status code, 200 to 599. Default 200. */
  status?: number;
  /** The reason phrase. Default the usual one of the status. */
  statusText?: string;
  /** Header fields. */
  headers?: HeadersInput;
}
