// Deno's own TLS, as bare as it can be used: raw_deno_tls.ts <role>. It owns its buffer, keeps no
// queue, and has no events, errors or limits.
import { report } from "./control.mjs";
import { ca, cert, key } from "./tls_identity.mjs";
import { readEach, writeAll } from "../bare_conn.ts";

const CHUNK = 65_536;
const BLOCK = new Uint8Array(CHUNK).fill(97);

async function send(conn: Deno.Conn): Promise<void> {
  for (;;) await writeAll(conn, BLOCK);
}

const roles: Record<string, (conn: Deno.Conn) => Promise<void>> = {
  echo: (conn) => readEach(conn, CHUNK, (chunk) => writeAll(conn, chunk)),
  receive: (conn) => readEach(conn, CHUNK),
  send,
  async greet(conn) {
    await writeAll(conn, BLOCK.subarray(0, 2));
    await readEach(conn, 4096);
  },
  idle: (conn) => readEach(conn, 4096),
};

async function serve(conn: Deno.Conn, role: (conn: Deno.Conn) => Promise<void>): Promise<void> {
  try {
    await role(conn);
  } catch {
    // The generator cuts connections at the end of a round.
  }
  try {
    conn.close();
  } catch {
    // Closed by a failure.
  }
}

async function acceptAll(
  listener: Deno.Listener,
  take: (conn: Deno.Conn) => Promise<void>,
): Promise<never> {
  for (;;) void take(await listener.accept());
}

/** A client: it is told the port of a TLS server, and takes what that sends. */
async function download(control: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16);
  const count = await control.read(buffer) ?? 0;
  const port = Number(new TextDecoder().decode(buffer.subarray(0, count)));
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [ca] });
  void serve(conn, (conn) => readEach(conn, CHUNK));
}

const [role = ""] = Deno.args;
if (role === "download") {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void acceptAll(listener, download);
  report(listener.addr.port);
} else {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, key, cert });
  void acceptAll(listener, (conn) => serve(conn, roles[role]!));
  report((listener.addr as Deno.NetAddr).port);
}
