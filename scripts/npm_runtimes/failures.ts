/** The tests that cannot pass in a runtime, and what the runner's output says of them. @module */

/** Tests that fail for one reason. */
export interface FailureGroup {
  /** The program in `limits.mjs` that shows it. */
  readonly limit: string;
  /** What the runtime does, and what follows for who uses the library there. */
  readonly cause: string;
  /** Each as `FILE: NAME`, the file as it is called in the sources. */
  readonly tests: readonly string[];
}

/** What does not pass in Bun 1.4. */
export const BUN_FAILURES: readonly FailureGroup[] = [
  {
    limit: "connectErrors",
    cause: "Every failed connect but EACCES is ECONNREFUSED, be it for want of a route or of time.",
    tests: [
      "_testing/netns_test: runInNetns() gives each address its own failure",
      "tcp/connect_test: T17 connect() tells why an address cannot be reached",
    ],
  },
  {
    limit: "backlog",
    cause:
      "listen() has no backlog, so a full queue does not hold a client back as the tests need.",
    tests: [
      "_testing/netns_test: runInNetns() has a slow peer that answers the second SYN",
      "tcp/connect_test: T23 connect() does not give up a slow address when a dead one is tried too",
    ],
  },
  {
    limit: "chunks",
    cause: "512 KiB are read at a time, so back-pressure holds 512 KiB and not 64.",
    tests: [
      "tcp/pipe_test: pipe() holds the source back when the destination is full",
      "tcp/pipe_test: pipe() keeps the source within bounds when a socket is slow to take it",
      "tcp/relay_test: relay() holds the client back when the peer is slow",
      "tcp/relay_test: relay() holds the peer back when the client is slow",
    ],
  },
  {
    limit: "descriptors",
    cause: "A server that is out of descriptors costs a core until it has some.",
    tests: ["tcp/listen_test: T11 a server that is out of descriptors stays calm and recovers"],
  },
  {
    limit: "multicastTTL",
    cause: "A multicast TTL of 0 is refused.",
    tests: [
      "_runtime/node_datagram_test: the runtime's UDP sockets keep the contract",
      "udp/multicast_test: U15 hops have their ranges",
    ],
  },
  {
    limit: "halfCloseOnDuplex",
    cause: "TLS over what is no socket (within TLS, with strictClose) ends as a whole.",
    tests: [
      "_runtime/node_tls_stream_test: TlsNodeStream moves bytes and ends both ways when it stands " +
      "on a stream in memory",
    ],
  },
  {
    limit: "namesOnDuplex",
    cause: "A TLS server over what is no socket shows one certificate to all names.",
    tests: [
      "_runtime/node_tls_test: engine of node shows another certificate when it was chosen by name " +
      "or set anew",
    ],
  },
  {
    limit: "fileTypes",
    cause: "The file of a form that was read has the type of its name.",
    tests: [
      "http/hono_test: serve() carries a Hono app that takes a form with a file",
      "http/hono_test: installResponse() lets a Hono app go on when it takes a form with a file",
    ],
  },
  {
    limit: "cloneTypes",
    cause: "blob() of a cloned request has no type.",
    tests: ["http/request_test: Request blob() gives the content in a copy when it is cloned"],
  },
  {
    limit: "textTypes",
    cause: "A Response of Bun's own that is made of text is sent without a Content-Type.",
    tests: [],
  },
];

/** The failed tests in what `scripts/node_test_runner.cjs` has printed, each once. */
export function failedTests(output: string): string[] {
  const lines = output.matchAll(/^FAILED (?:esm|script)\/(\S+)\.js: (.+)$/gm);
  return [...new Set([...lines].map(([, file, name]) => `${file}: ${name}`))];
}

/** Says what differs from the list: a test that fails and is not there, and one that passes. */
export function differences(failed: readonly string[], groups: readonly FailureGroup[]): string[] {
  const listed = groups.flatMap(({ tests }) => tests);
  return [
    ...failed.filter((name) => !listed.includes(name)).map((name) => `fails: ${name}`),
    ...listed.filter((name) => !failed.includes(name)).map((name) => `passes by now: ${name}`),
  ];
}
