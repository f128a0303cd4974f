import type { Load, LoadFactory } from "./load.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

/** Connects in groups of this size: a listener's backlog does not take thousands at once. */
const GROUP = 50;

/** A connection that has had one answer, and is kept for a next one that never comes. */
async function idleConnection(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(REQUEST);
  const count = await conn.read(new Uint8Array(1024));
  if (count === null) throw new Error("The server closed the connection instead of answering");
  return conn;
}

/** Connections between two requests. */
async function idleKeepAlive(port: number, clients: number): Promise<Load> {
  const conns: Deno.TcpConn[] = [];
  const grow = async (more: number) => {
    for (let left = more; left > 0; left -= GROUP) {
      const group = Array.from({ length: Math.min(GROUP, left) }, () => idleConnection(port));
      conns.push(...await Promise.all(group));
    }
  };
  await grow(clients);
  return {
    operations: () => conns.length,
    grow,
    close() {
      for (const conn of conns) conn.close();
    },
  };
}

export const httpLoads: Readonly<Record<string, LoadFactory>> = {
  "http.idleKeepAlive": idleKeepAlive,
};
