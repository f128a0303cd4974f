// Deno's own API that writes fixed bytes for whatever looks like the end of a head: what an HTTP
// server in JavaScript on Deno can at best come close to.
import { report } from "./control.mjs";
import { fixedAnswers } from "./fixed_answers.mjs";

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(16_384);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      await conn.write(fixedAnswers(buffer.subarray(0, count)));
    }
  } catch {
    // The generator resets connections at the end of a round.
  }
  conn.close();
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
report(listener.addr.port);
for await (const conn of listener) void serve(conn);
