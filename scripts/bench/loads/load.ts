/** A load on one server, from its first connection to the last. */
export interface Load {
  /** Operations done so far. */
  operations(): number;
  /** More clients beside those that are there. */
  grow?(clients: number): Promise<void>;
  close(): void;
}

/** Connects to the port of a server on loopback; resolves once the load is running. */
export type LoadFactory = (port: number, clients: number) => Promise<Load>;
