/** What one line of the demonstration's table says. */
export interface Exchange {
  /** What the client sent or did. */
  sent: string;
  /** What came of it. */
  received: string;
  /** What should have come. */
  expected: string;
  /** Time from one to the other. */
  milliseconds: number;
}

/** A server of the demonstration together with the client that tries it out. */
export interface Service {
  /** As the table names it. */
  name: string;
  /** Starts the server. */
  start(): Promise<void>;
  /** Has the client talk to the server; rejects when they cannot talk at all. */
  exercise(): Promise<Exchange[]>;
  /** A command for the shell that talks to the server. */
  command(): string;
  /** Closes the server; who is still connected after `timeout` ms is let go. */
  stop(timeout: number): Promise<void>;
}
