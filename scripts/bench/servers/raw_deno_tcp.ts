// Deno's own API, as bare as it can be used: raw_deno_tcp.ts <role>. What a library on Deno can
// at best come close to: it owns its buffer, keeps no queue, and has no events, errors or limits.
import { report } from "./control.mjs";
import { readEach, writeAll } from "../bare_conn.ts";

const CHUNK = 65_536;
const LINE = new Uint8Array(1024).fill(97);
const BURST = 64;

const echo = (conn: Deno.Conn) => readEach(conn, CHUNK, (chunk) => writeAll(conn, chunk));

async function burst(conn: Deno.Conn, requests: number): Promise<void> {
  for (let i = 0; i < requests * BURST; i++) await writeAll(conn, LINE);
}

const roles: Record<string, (conn: Deno.Conn) => Promise<void>> = {
  echo,
  echoWithBackPressure: echo,
  receive: (conn) => readEach(conn, CHUNK),
  burst: (conn) => readEach(conn, CHUNK, (chunk) => burst(conn, chunk.length)),
  // An idle connection cannot wait for data without a buffer; 4 KiB is a small one.
  idle: (conn) => readEach(conn, 4096),
};

async function serve(conn: Deno.TcpConn, role: (conn: Deno.Conn) => Promise<void>): Promise<void> {
  conn.setNoDelay(true);
  try {
    await role(conn);
  } catch {
    // The generator resets connections at the end of a round.
  }
  conn.close();
}

async function acceptAll(listener: Deno.TcpListener, name: string): Promise<void> {
  const role = roles[name];
  for (;;) {
    const conn = await listener.accept();
    if (role === undefined) conn.close();
    else void serve(conn, role);
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
void acceptAll(listener, Deno.args[0] ?? "");
report(listener.addr.port);
